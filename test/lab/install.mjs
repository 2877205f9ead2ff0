// Plain JavaScript for Node 20: it runs before anything is installed, Node 24 included.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const lock = join(root, '.setup-lock');
const oldestNode = 24;

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * Whether `node_modules` holds what `package-lock.json` names. npm writes its own record of an install last of all, so a
 * broken install has none; comparing contents rather than dates also sees `--omit=dev` and a switch of branches.
 */
function isInstalled() {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, wanted]) =>
      path === '' ||
      (installed[path]
        ? installed[path].version === wanted.version && installed[path].integrity === wanted.integrity
        : wanted.optional === true || wanted.devOptional === true),
  );
}

/** Says why the scripts that follow could not run; undefined when they can. */
function shortfall() {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode || existsSync(join(modules, '.bin', 'node'))) return;
  return `Node ${process.versions.node} is too old for sonde and npm did not install a newer one (is ignore-scripts set?): use Node ${oldestNode}.`;
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/**
 * The lock is a folder that holds one empty folder, named after its owner's process id. A folder can be renamed onto an
 * empty folder and onto no other, so one of several claims wins, and clearing away a dead owner by its name can never
 * clear away a living one.
 */
function claimLock() {
  const claim = `${lock}.${process.pid}`;
  mkdirSync(join(claim, String(process.pid)), { recursive: true });
  try {
    renameSync(claim, lock);
    return true;
  } catch {
    rmSync(claim, { recursive: true });
    return false;
  }
}

const leaveQuietly = (step) => {
  try {
    step();
  } catch {
    // Another process was quicker, or has the lock by now.
  }
};

function clearDeadOwner() {
  leaveQuietly(() => {
    for (const pid of readdirSync(lock)) if (!isAlive(Number(pid))) rmdirSync(join(lock, pid));
  });
}

function releaseLock() {
  leaveQuietly(() => rmdirSync(join(lock, String(process.pid))));
  leaveQuietly(() => rmdirSync(lock));
}

async function waitForLock() {
  for (let told = false; !claimLock(); told = true) {
    if (!told) process.stdout.write('Waiting for another install in this folder to end …\n');
    clearDeadOwner();
    await delay(200);
  }
}

/** Without the folder's own Node 24 on the PATH: `npm ci` removes it, and must not run on what it removes. */
const outerPath = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(modules))
    .join(delimiter);

function install() {
  process.stdout.write('Installing what sonde needs (npm ci), once, for about half a minute …\n');
  const npm = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: outerPath() },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (npm.error) return `npm could not be started: ${npm.error.message}`;
  return npm.status === 0 ? shortfall() : 'npm ci failed; its messages stand above.';
}

async function setUp() {
  if (isInstalled()) return shortfall();
  await waitForLock();
  try {
    return isInstalled() ? shortfall() : install();
  } finally {
    releaseLock();
  }
}

const problem = await setUp();
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 3;
}
