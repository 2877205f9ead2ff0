import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './daemon.ts';
import { labPorts, type World } from './world.ts';

/** Its token waits for a person, who has not come yet when the lab starts. */
const forLogin = 'lab-login.yaml';

/**
 * The files for sonde: the lab's checks as they ship, so that a change to them is seen while the lab runs. When the
 * lab is on other ports, copies in `folder` that say so.
 */
export async function labChecks(world: World, folder: string): Promise<string[]> {
  const names = (await readdir(join(root, 'checks'))).filter((name) => /^lab.*\.yaml$/.test(name) && name !== forLogin);
  // lab.yaml first: a person reads it first.
  names.sort((a, b) => a.length - b.length || a.localeCompare(b));
  const ports = [
    [labPorts.issuer, world.issuer.origin],
    [labPorts.api, world.api.origin],
  ] as const;
  if (ports.every(([port, origin]) => origin.endsWith(`:${port}`))) return names.map((name) => join('checks', name));

  await mkdir(folder);
  return Promise.all(
    names.map(async (name) => {
      let text = await readFile(join(root, 'checks', name), 'utf8');
      for (const [port, origin] of ports) text = text.replaceAll(`http://127.0.0.1:${port}`, origin);
      const copy = join(folder, name);
      await writeFile(copy, text);
      return copy;
    }),
  );
}
