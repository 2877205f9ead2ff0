import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { type ParsedFamily, parseExposition } from '../support/prometheus-text.ts';
import type { Stage } from './stage.ts';

export interface SondeContainer {
  readonly container: StartedTestContainer;
  /** What it has logged so far. */
  log(): string;
  /** `/metrics`, asked from this host. */
  metrics(): Promise<ReadonlyMap<string, ParsedFamily>>;
  /** The control socket's answer: the API is not open beyond loopback. */
  api(path: string): Promise<unknown>;
  /** Takes another configuration and the signal to read it. */
  reload(configuration: object): Promise<void>;
  /** Sends SIGTERM, as an engine does that stops it; resolves with the exit code. The container stays, and can be started again. */
  terminate(): Promise<number>;
}

export interface SondeContainerOptions {
  readonly image: string;
  /** The name by which others on the stage reach it; `sonde` by default. */
  readonly alias?: string;
  /** All of sonde.yaml. */
  readonly configuration: object;
  readonly environment?: Readonly<Record<string, string>>;
  /** A volume for the state; without it, a folder in memory that ends with the container. */
  readonly volume?: string;
}

const port = 7663;
const stateDir = '/var/lib/sonde';
/** The numeric user of the Dockerfile. */
const user = 65532;

const askSocket = `http.get({ socketPath: '${stateDir}/sonde.sock', path: process.argv[1] }, (answer) => {
  answer.pipe(process.stdout);
});`;

/** Starts the image as its documentation says: read-only, no capabilities, only the state folder writable. */
export async function startSondeContainer(stage: Stage, options: SondeContainerOptions): Promise<SondeContainer> {
  const { image, alias = 'sonde', configuration, environment = {}, volume } = options;
  const folder = await mkdtemp(join(tmpdir(), 'sonde-container-'));
  stage.defer(() => rm(folder, { recursive: true }));
  // The user in the container is another one than here.
  await chmod(folder, 0o755);
  // JSON is YAML too.
  const write = (content: object) => writeFile(join(folder, 'sonde.yaml'), JSON.stringify(content));
  await write(configuration);

  let log = '';
  const asked = stage
    .container(image, alias)
    .withReadOnlyRoot()
    .withDroppedCapabilities('ALL')
    .withSecurityOpt('no-new-privileges')
    .withEnvironment(environment)
    .withBindMounts([
      { source: folder, target: '/etc/sonde', mode: 'ro' },
      ...(volume === undefined ? [] : [{ source: volume, target: stateDir }]),
    ])
    .withTmpFs(volume === undefined ? { [stateDir]: `uid=${user},gid=${user},mode=0700` } : {})
    .withExposedPorts(port)
    .withLogConsumer((stream) => {
      stream.on('data', (text) => {
        log += text;
      });
    })
    .withWaitStrategy(Wait.forHttp('/-/ready', port));
  const container = await stage.start(asked).catch((error) => {
    throw new Error(`sonde did not become ready; it said:\n${log}`, { cause: error });
  });
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const handle = dockerode.getContainer(container.getId());
  return {
    container,
    log: () => log,
    async metrics() {
      const response = await fetch(`http://${container.getHost()}:${container.getMappedPort(port)}/metrics`);
      return parseExposition(await response.text());
    },
    async api(path) {
      const { stdout, stderr, exitCode } = await container.exec(['node', '-e', askSocket, path]);
      if (exitCode !== 0) throw new Error(`${path} was not answered: ${stderr}`);
      return JSON.parse(stdout);
    },
    async reload(next) {
      await write(next);
      await handle.kill({ signal: 'SIGHUP' });
    },
    async terminate() {
      await handle.stop({ t: 30 });
      return (await handle.inspect()).State.ExitCode;
    },
  };
}
