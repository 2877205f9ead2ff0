import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import { login } from '../../src/cli/login.ts';
import { createSystem } from '../../src/system/system.ts';
import type { World } from '../lab/world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configure, type Scene } from './scene.ts';

/** How `sonde login` ended, and all that the person read. */
export interface LoginStory {
  readonly exit: ExitCode;
  readonly read: string;
}

interface Behaviour {
  readonly stateDir: string;
  /** What the browser does with the address that it is told to open. */
  readonly browse?: (address: URL) => Promise<void>;
  /** Hears each thing that the person is told. */
  readonly hear?: (text: string) => void;
}

/** Runs `sonde login` for the token of the scene. */
export async function logIn(
  world: World,
  scene: Scene,
  { stateDir, browse, hear = () => {} }: Behaviour,
): Promise<LoginStory> {
  const file = join(await temporaryFolder(), 'sonde.yaml');
  await writeFile(file, configure(world, scene));
  let read = '';
  const tell = (text: string) => {
    read += text;
    hear(read);
  };
  const person = {
    output: { out: tell, err: tell },
    input: new PassThrough(),
    terminal: false,
    async openBrowser(address: URL) {
      await browse?.(address);
      return browse !== undefined;
    },
  };
  const signals = { onReload() {}, onStop() {} };
  const exit = await login(createSystem(), person, signals, [file], { token: 'lab', stateDir });
  return { exit, read };
}
