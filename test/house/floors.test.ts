import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Each room and what it may import; a second hand on what `.dependency-cruiser.json` says. */
const floors: Readonly<Record<string, readonly string[]>> = {
  model: [],
  system: [],
  assertions: ['model'],
  diagnosis: ['model'],
  net: ['model', 'system'],
  sinks: ['model', 'system'],
  secrets: ['model', 'system', 'net'],
  auth: ['model', 'system', 'net'],
  skew: ['model', 'system', 'net'],
  fleet: ['model', 'system', 'net'],
  probes: ['model', 'system', 'net', 'auth', 'skew', 'assertions'],
  config: ['model', 'system', 'secrets', 'assertions', 'probes'],
  engine: ['model', 'system', 'net', 'auth', 'assertions', 'diagnosis', 'probes'],
  web: ['model', 'system', 'sinks'],
};
const rooms = Object.keys(floors);

const networkModules = ['net', 'tls', 'http', 'https', 'http2', 'dns', 'dns/promises', 'dgram'];
const systemModules = [
  'fs',
  'fs/promises',
  'timers',
  'timers/promises',
  'perf_hooks',
  'process',
  'child_process',
  'sqlite',
];
const libraries = ['undici', 'node-cron'];

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}

let house = '';
let violations: readonly Violation[] = [];

async function plant(path: string, text: string): Promise<void> {
  const file = join(house, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** The planted file that imports a module that is not ours. */
function planted(room: string, moduleName: string): string {
  return `${room}/takes-${moduleName.replace('/', '-')}`;
}

async function plantModules(room: string): Promise<void> {
  for (const name of [...networkModules, ...systemModules])
    await plant(`src/${planted(room, name)}.ts`, `import * as door from 'node:${name}';\nvoid door;\n`);
  for (const name of libraries)
    await plant(`src/${planted(room, name)}.ts`, `import * as door from '${name}';\nvoid door;\n`);
}

async function plantHouse(): Promise<void> {
  for (const name of ['.dependency-cruiser.json', 'tsconfig.json']) await cp(resolve(name), join(house, name));
  const dependencies = Object.fromEntries(libraries.map((name) => [name, '1.0.0']));
  await plant('package.json', JSON.stringify({ type: 'module', dependencies, devDependencies: { vitest: '1.0.0' } }));
  for (const name of [...libraries, 'vitest', 'undeclared']) {
    await plant(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    await plant(`node_modules/${name}/index.js`, '');
  }
  for (const room of [...rooms, 'cli']) {
    await plant(`src/${room}/leaf.ts`, 'export interface Leaf {}\nexport const leaf = 1;\n');
    for (const other of rooms) {
      if (other === room) continue;
      await plant(`src/${room}/imports-${other}.ts`, `import { leaf } from '../${other}/leaf.ts';\nvoid leaf;\n`);
    }
    await plantModules(room);
  }
  await plant('src/model/type-only.ts', "import type { Leaf } from '../net/leaf.ts';\nexport type Planted = Leaf;\n");
  await plant('src/model/dynamic.ts', "export const planted = () => import('../net/leaf.ts');\n");
  await plant('src/engine/imports-cli.ts', "import { leaf } from '../cli/leaf.ts';\nvoid leaf;\n");
  await plant('src/engine/imports-daemon.ts', "import '../daemon.ts';\n");
  await plant('src/daemon.ts', "import './engine/leaf.ts';\nimport './web/leaf.ts';\n");
  await plant('src/attic/imports-model.ts', "import '../model/leaf.ts';\n");
  await plant('src/net/imports-test.ts', "import '../../test/lab/world.ts';\n");
  await plant('src/net/imports-vitest.ts', "import 'vitest';\n");
  await plant('src/net/imports-undeclared.ts', "import 'undeclared';\n");
  await plant('src/net/imports-nothing-there.ts', "import './not-there.ts';\n");
  await plant('src/net/orphan.ts', 'export const orphan = 1;\n');
  await plant('src/net/circle-a.ts', "import type { B } from './circle-b.ts';\nexport type A = B;\n");
  await plant('src/net/circle-b.ts', "import type { A } from './circle-a.ts';\nexport type B = A;\n");
  await plant('test/lab/world.ts', "import '../../src/net/leaf.ts';\nimport 'node:http';\nimport 'vitest';\n");
}

/** Runs the checker as `npm run floors` does, on the planted house. */
function checkFloors(): Promise<readonly Violation[]> {
  const checker = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const call = [checker, '--config', '.dependency-cruiser.json', '--output-type', 'json', 'src', 'test'];
  return new Promise((done, fail) => {
    execFile(process.execPath, call, { cwd: house, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout === '') fail(error ?? new Error(stderr));
      else done(JSON.parse(stdout).summary.violations);
    });
  });
}

function brokenRules(path: string): readonly string[] {
  return violations.filter(({ from }) => from === `src/${path}.ts`).map(({ rule }) => rule.name);
}

describe('the floors, by violations planted in a house of the same plan', () => {
  beforeAll(async () => {
    house = await mkdtemp(join(tmpdir(), 'sonde-floors-'));
    await plantHouse();
    violations = await checkFloors();
  }, 60_000);

  afterAll(() => rm(house, { recursive: true, force: true }));

  it.each(rooms)('let %s import the rooms below it and no other', (room) => {
    const refused = rooms.filter((other) => other !== room && brokenRules(`${room}/imports-${other}`).length > 0);
    const allowed = floors[room] ?? [];
    expect(refused).toEqual(rooms.filter((other) => other !== room && !allowed.includes(other)));
  });

  it('let cli and the daemon import every room, and no room either of them', () => {
    expect(rooms.flatMap((room) => brokenRules(`cli/imports-${room}`))).toEqual([]);
    expect(brokenRules('daemon')).toEqual([]);
    expect(brokenRules('engine/imports-cli')).toEqual(['floor-engine']);
    expect(brokenRules('engine/imports-daemon')).toContain('floor-engine');
  });

  it('see imports of types alone, and imports that are made while the program runs', () => {
    expect(brokenRules('model/type-only')).toEqual(['floor-model']);
    expect(brokenRules('model/dynamic')).toEqual(['floor-model']);
  });

  it.each([...rooms, 'cli'])('keep the doors to the network and to the system where %s is concerned', (room) => {
    const doorsRefused = [...networkModules, ...systemModules, ...libraries].filter(
      (name) => brokenRules(planted(room, name)).length > 0,
    );
    const ofNetwork = room === 'net' ? [] : [...networkModules, 'undici'];
    const listening = room === 'web' ? ['net', 'http'] : [];
    const ofSystem = room === 'system' ? [] : [...systemModules, 'node-cron'];
    const expected = [...ofNetwork.filter((name) => !listening.includes(name)), ...ofSystem];
    expect(new Set(doorsRefused)).toEqual(new Set(expected));
  });

  it.each([
    ['attic/imports-model', 'rooms-are-listed'],
    ['net/imports-test', 'no-test-in-src'],
    ['net/imports-vitest', 'declared-dependency'],
    ['net/imports-undeclared', 'declared-dependency'],
    ['net/imports-nothing-there', 'resolvable'],
    ['net/orphan', 'no-orphan'],
    ['net/circle-a', 'no-cycle'],
  ])('find that %s breaks the rule %s', (path, rule) => {
    expect(brokenRules(path)).toEqual([rule]);
  });

  it('leave tests free to use what they need', () => {
    expect(violations.filter(({ from }) => from.startsWith('test/'))).toEqual([]);
  });
});
