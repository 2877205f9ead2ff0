import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failedLine, firstRefresh, refreshedLine, startRefreshingRig } from './refreshing-rig.ts';

const isRoot = process.getuid?.() === 0;
/** Root, too, keeps to the modes of files without these capabilities. */
const bound = isRoot ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

/** A disk that can be made to take no more while the daemon runs. */
interface Disk {
  readonly error: string;
  through(stateDir: string): readonly string[];
  block(stateDir: string, pid: string): void;
  unblock(stateDir: string, pid: string): void;
}

const limited: Disk = {
  error: 'EFBIG',
  through: () => [],
  block: (_, pid) => void execFileSync('prlimit', ['--pid', pid, '--fsize=0:']),
  unblock: (_, pid) => void execFileSync('prlimit', ['--pid', pid, '--fsize=unlimited:']),
};
const readOnly: Disk = {
  error: 'EACCES',
  through: () => bound,
  block: (stateDir) => chmodSync(stateDir, 0o500),
  unblock: (stateDir) => chmodSync(stateDir, 0o700),
};
/** In a name space of mounts of the daemon's own, into which one can look by the process. */
const withOwnMount = (...command: string[]) => ['unshare', '--mount', '--map-root-user', ...command];
const fillerOf = (stateDir: string, pid: string) => join('/proc', pid, 'root', stateDir, 'filler');
const full: Disk = {
  error: 'ENOSPC',
  through: (stateDir) =>
    withOwnMount('sh', '-c', 'mkdir -p "$0" && mount -t tmpfs -o size=64k none "$0" && exec "$@"', stateDir),
  block(stateDir, pid) {
    expect(() => writeFileSync(fillerOf(stateDir, pid), Buffer.alloc(65_536))).toThrow('ENOSPC');
  },
  unblock: (stateDir, pid) => rmSync(fillerOf(stateDir, pid)),
};
/** Not everyone may mount. */
const canMount = spawnSync('sh', ['-c', withOwnMount('mount -t tmpfs none /mnt').join(' ')]).status === 0;

const disks: [string, Disk][] = [
  ['that takes no more bytes', limited],
  ['that has become read-only', readOnly],
  ...(canMount ? ([['that is full', full]] satisfies [string, Disk][]) : []),
];

describe.each(disks)('a disk %s', (_what, disk) => {
  const refused = {
    cause: 'secret_unavailable',
    detail: expect.stringMatching(`The token store .*/tokens\\.json cannot be written: ${disk.error}\\.`),
  };

  it('costs neither the token that is held, nor what was granted meanwhile, nor the family', async () => {
    const rig = await startRefreshingRig();
    const daemon = rig.start(disk.through(rig.stateDir));
    expect(await firstRefresh(daemon)).toMatchObject({ outcome: 'passed' });
    onTestFinished(() => chmod(rig.stateDir, 0o700));
    const pid = String(daemon.child.pid);
    const block = () => disk.block(rig.stateDir, pid);
    const nextRun = async (line: RegExp) => JSON.parse(await daemon.nextLine(line));
    const unblock = async () => {
      const refreshed = daemon.nextLine(refreshedLine);
      disk.unblock(rig.stateDir, pid);
      await refreshed;
    };

    // What cannot be noted is not asked for, and what is held goes on being used.
    const notAsked = nextRun(failedLine);
    block();
    expect(await notAsked).toMatchObject(refused);
    const granted = rig.relay.successor();
    await daemon.nextLine(/"check":"models".*"outcome":"passed"/);
    await daemon.nextLine(failedLine);
    expect(rig.relay.successor()).toBe(granted);
    await unblock();

    // What was granted and cannot be kept is not used, and kept once it can be.
    const notKept = nextRun(failedLine);
    rig.relay.meet('granted', block);
    expect(await notKept).toMatchObject(refused);
    expect(rig.relay.successor()).not.toBe(granted);
    await unblock();
  });
});

/** A rig whose store holds the family that a first daemon has begun. */
async function startWithStore() {
  const rig = await startRefreshingRig();
  const first = rig.start();
  await firstRefresh(first);
  first.child.kill('SIGTERM');
  await first.ended;
  return { rig, path: join(rig.stateDir, 'tokens.json') };
}

describe('a token store with one bit flipped in a token', () => {
  it('is refused and left as it is, and a good copy that is put back is taken up', async () => {
    const { rig, path } = await startWithStore();
    const good = await readFile(path);
    const flipped = Buffer.from(good);
    const at = good.indexOf('"refreshToken": "') + '"refreshToken": "'.length;
    flipped.writeUInt8(good.readUInt8(at) ^ 1, at);
    await writeFile(path, flipped);

    const daemon = rig.start();
    const { cause, detail } = await firstRefresh(daemon);
    expect(cause).toBe('secret_unavailable');
    expect(detail).toContain(`${path} is damaged: its checksum is not that of what it holds. It is left as it is`);
    expect(await readFile(path)).toEqual(flipped);
    const refreshed = daemon.nextLine(refreshedLine);
    await writeFile(path, good);
    await refreshed;
  });
});

describe('a state folder', () => {
  it('has one daemon: the second is refused with 3, and a killed one leaves nothing in the way of the next', async () => {
    const rig = await startRefreshingRig();
    const first = rig.start();
    await firstRefresh(first);
    const { code, err } = await rig.start().ended;
    expect({ code, err }).toEqual({
      code: 3,
      err: `Another sonde runs on the state folder ${rig.stateDir}. End it first, or give this one a folder of its own by --state-dir.\n`,
    });
    await first.nextLine(refreshedLine);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await firstRefresh(rig.start())).toMatchObject({ outcome: 'passed' });
  });

  it('that may not be written is refused with 3, and is left as it is', async () => {
    const { rig, path } = await startWithStore();
    const before = await readFile(path);
    await chmod(rig.stateDir, 0o500);
    onTestFinished(() => chmod(rig.stateDir, 0o700));
    expect(await rig.start(bound).ended).toMatchObject({
      code: 3,
      err: `The state folder ${rig.stateDir} cannot be used: EACCES: permission denied, access '${rig.stateDir}'.\n`,
    });
    expect(await readFile(path)).toEqual(before);
  });
});
