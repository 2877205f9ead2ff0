import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ContainerRuntimeClient, getContainerRuntimeClient, ImageName } from 'testcontainers';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What an image is made of. */
interface Recipe {
  readonly name: string;
  /** The folder, of whose `inputs` the engine gets a copy; a Dockerfile is among them. */
  readonly context: string;
  readonly inputs: readonly string[];
  /** In `context`; `Dockerfile` by default. */
  readonly dockerfile?: string;
  /** Values for the Dockerfile's ARGs. */
  readonly args?: Readonly<Record<string, string>>;
}

async function filesIn(context: string, input: string): Promise<string[]> {
  const path = join(context, input);
  if ((await stat(path)).isFile()) return [input];
  const below = await readdir(path, { withFileTypes: true, recursive: true });
  const files = below.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(context, join(parentPath, name))).sort();
}

/** The same word, the same image. */
async function fingerprint({ context, inputs, dockerfile, args }: Recipe): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ dockerfile, args }));
  for (const input of inputs)
    for (const file of await filesIn(context, input))
      hash.update(`\0${file}\0`).update(await readFile(join(context, file)));
  return hash.digest('hex').slice(0, 16);
}

/** Has the engine build it; rejects with all that the build said when it fails. */
async function build({ container: { dockerode } }: ContainerRuntimeClient, tag: string, recipe: Recipe): Promise<void> {
  const { context, inputs, dockerfile = 'Dockerfile', args = {} } = recipe;
  const packing = spawn('tar', ['-C', context, '-c', ...inputs], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stream = await dockerode.buildImage(packing.stdout, { t: tag, dockerfile, buildargs: args });
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  dockerode.modem.followProgress(
    stream,
    (error) =>
      error ? reject(new Error(`${tag} could not be built:\n${said.join('')}`, { cause: error })) : resolve(),
    (event: { readonly stream?: string; readonly error?: string }) => said.push(event.stream ?? event.error ?? ''),
  );
  await promise;
}

/** The tag of the image, which is built only if the engine does not have it yet: made of the same, it is the same. */
async function imageOf(recipe: Recipe): Promise<string> {
  const client = await getContainerRuntimeClient();
  const tag = `sonde-test/${recipe.name}:${await fingerprint(recipe)}`;
  if (await client.image.exists(ImageName.fromString(tag))) return tag;
  await build(client, tag, recipe);
  await removeOutdated(client, recipe.name);
  return tag;
}

/** Each change of the sources makes another image. Younger ones may be another checkout's. */
async function removeOutdated({ container: { dockerode } }: ContainerRuntimeClient, name: string): Promise<void> {
  const yesterday = Date.now() / 1000 - 24 * 3600;
  // One that still runs stays, and the engine says so.
  for (const { Created, RepoTags } of await dockerode.listImages({ filters: { reference: [`sonde-test/${name}`] } }))
    if (Created < yesterday)
      for (const tag of RepoTags ?? [])
        await dockerode
          .getImage(tag)
          .remove()
          .catch(() => {});
}

/** A counterpart from `test/containers/NAME`. */
export async function counterpartImage(name: string, args?: Readonly<Record<string, string>>): Promise<string> {
  const context = join(repository, 'test/containers', name);
  return imageOf({ name, context, inputs: await readdir(context), ...(args && { args }) });
}

/** The image of sonde, from the Dockerfile that ships. */
export async function sondeImage(): Promise<string> {
  const ignored = await readFile(join(repository, '.dockerignore'), 'utf8');
  const inputs = ignored.split('\n').filter((line) => line.startsWith('!'));
  return imageOf({
    name: 'sonde',
    context: repository,
    inputs: ['Dockerfile', ...inputs.map((line) => line.slice(1))],
  });
}

/** The same under libfaketime, which `LD_PRELOAD` and `FAKETIME` switch on. */
export const sondeUnderFaketimeImage = async () =>
  counterpartImage('sonde-faketime', { SONDE_IMAGE: await sondeImage() });

/** The issuer of the lab, as a container. */
export async function issuerImage(): Promise<string> {
  const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  return imageOf({
    name: 'issuer',
    context: join(repository, 'test'),
    inputs: ['containers/issuer', 'lab'],
    dockerfile: 'containers/issuer/Dockerfile',
    args: { OIDC_PROVIDER: devDependencies['oidc-provider'] },
  });
}
