import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consent } from '../lab/person.ts';
import { labPorts, startWorld, type World } from '../lab/world.ts';
import { openShell, type Shell } from '../support/shell.ts';
import { blocksOf, type Step, settled, stepsOf, withSteps } from './walkthrough.ts';

const root = join(import.meta.dirname, '../..');
const path = join(root, 'docs/walkthrough.md');
const isUpdate = process.env.UPDATE_WALKTHROUGH !== undefined;
// A guard, not a measure: npm and Node start two dozen times.
const patienceMs = 600_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Says the ports of the page where the others stand, and the other way round. */
interface Ports {
  toReal(text: string): string;
  toPage(text: string): string;
}

function createPorts(pairs: readonly (readonly [page: number, real: string])[]): Ports {
  const replaced = (text: string, [from, to]: readonly [unknown, unknown]) =>
    text.replaceAll(new RegExp(`(?<=:|%3A)${from}\\b`, 'g'), String(to));
  return {
    toReal: (text) => pairs.reduce(replaced, text),
    toPage: (text) => pairs.map(([page, real]) => [real, page] as const).reduce(replaced, text),
  };
}

let page: string;
let world: World;
let ports: Ports;
let folder: string;
let shell: Shell;

/** A clone as a reader has it, but for the ports in its checks. */
async function openClone(): Promise<void> {
  for (const name of ['node_modules', 'package.json', 'package-lock.json', 'src', 'test'])
    await symlink(join(root, name), join(folder, name));
  const checks = join(folder, 'checks');
  await cp(join(root, 'checks'), checks, { recursive: true });
  for (const name of await readdir(checks)) {
    const file = join(checks, name);
    await writeFile(file, ports.toReal(await readFile(file, 'utf8')));
  }
}

beforeAll(async () => {
  page = await readFile(path, 'utf8');
  // As `npm run lab` has it.
  world = await startWorld({ accessTokenSeconds: 300 });
  const portOf = (origin: string) => new URL(origin).port;
  ports = createPorts([
    [7663, String(await freePort())],
    [labPorts.issuer, portOf(world.issuer.origin)],
    [labPorts.api, portOf(world.api.origin)],
    [labPorts.control, portOf(world.control.origin)],
  ]);
  folder = await mkdtemp(join(tmpdir(), 'sonde-walkthrough-'));
  await openClone();
  shell = openShell(folder, {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    npm_config_update_notifier: 'false',
    BROWSER: 'curl -sL -b none -o /dev/null',
  });
}, patienceMs);

afterAll(async () => {
  shell?.close();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
  if (isUpdate) await writeFile(path, page);
});

/** What the browser ended at, at the login before. */
let answer = '';

/** The person who pastes: what the browser ends at, or what it ended at before. */
function personOf(info: string): ((output: string) => void) | undefined {
  if (!/ paste\b/.test(info)) return undefined;
  let isDone = false;
  return (output) => {
    const [, address] = /^ *(http:\S+\/auth\?\S+)\n/m.exec(output) ?? [];
    if (address === undefined || isDone) return;
    isDone = true;
    const pasted = info.endsWith('again') ? Promise.resolve(answer) : consent(address).then(String);
    void pasted.then((text) => {
      answer = text;
      shell.type(text);
    });
  };
}

async function take({ command }: Step, info: string): Promise<Step> {
  const output = await shell.run(ports.toReal(command), personOf(info));
  return { command, output: output.map(ports.toPage) };
}

const words = (steps: readonly Step[]) => steps.map(({ command, output }) => [`$ ${command}`, ...output].join('\n'));

describe('the reader of the walkthrough', () => {
  const text = ['# Page', '```console paste', '$ one', 'said', '', 'twice', '$ two', '```', 'end'].join('\n');
  const [block] = blocksOf(text);

  it('finds each command with what it prints', () => {
    expect(block && stepsOf(block)).toEqual([
      { command: 'one', output: ['said', '', 'twice'] },
      { command: 'two', output: [] },
    ]);
  });

  it('takes no output for a command that is not there', () => {
    expect(() => stepsOf({ text: 'said', line: 7 })).toThrow('the block of line 7 does not begin with a command');
  });

  it('writes what was printed in the place of what stands there, and leaves the rest', () => {
    const rewritten = block && withSteps(text, block, [{ command: 'one', output: [] }]);
    expect(rewritten).toBe(['# Page', '```console paste', '$ one', '```', 'end'].join('\n'));
  });

  it('overlooks what is another at each run, and nothing else', () => {
    expect(settled('models  passed  200  1.2  13.9')).toBe(settled('models  passed  200    0.7   161'));
    expect(settled('models  skipped       0.0')).toBe(settled('models  skipped  0.1'));
    expect(settled('models  passed  200  1.2')).not.toBe(settled('models  passed  201  1.2'));
    expect(settled('refreshes_total{outcome="passed"} 1')).not.toBe(settled('refreshes_total{outcome="passed"} 2'));
    expect(settled('/auth?state=ab-1&scope=a')).toBe(settled('/auth?state=c_2&scope=a'));
    expect(settled('/auth?state=ab&scope=a')).not.toBe(settled('/auth?state=ab&scope=b'));
    expect(settled('recovered (8 ms)')).toBe(settled('recovered (12.5 ms)'));
  });
});

// The order matters: each command stands on what those before it did.
describe('docs/walkthrough.md', () => {
  it('prints what stands on the page, from the first command to the last', { timeout: patienceMs }, async () => {
    // Each block is written before the next is looked for: lines move.
    for (let index = 0; index < blocksOf(page).length; index++) {
      const block = blocksOf(page)[index];
      if (!block) break;
      const written = stepsOf(block);
      const taken: Step[] = [];
      for (const step of written) taken.push(await take(step, block.info));
      const isSame = settled(words(taken).join('\n')) === settled(words(written).join('\n'));
      if (!isSame && isUpdate) page = withSteps(page, block, taken);
      else
        expect(
          words(taken).map(settled),
          `the page is another at line ${block.line}; what was printed now:\n\n${words(taken).join('\n')}\n\nUPDATE_WALKTHROUGH=1 writes it there`,
        ).toEqual(words(written).map(settled));
    }
  });
});
