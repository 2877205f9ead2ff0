import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { createClock } from '../../src/system/clock.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { labChecks } from './lab-checks.ts';
import { firstAfterMs, rotateBreakages } from './rotation.ts';
import { aborted, listenForStop, type StopWishes } from './stop-signals.ts';
import { labPorts, startWorld, type World, type WorldPorts } from './world.ts';

const ownFailure = 3;
/** Short, so that refreshes are seen. `outageMs` of the breakages depends on it. */
const accessTokenSeconds = 30;
const sondeAddress = '127.0.0.1:7663';
/** Longer than sonde's own `shutdown_grace` (10 s). */
const drainPatienceMs = 15_000;

const say = (line: string) => void process.stdout.write(`${styleText('cyan', 'lab')}  ${line}\n`);

/** `LAB_PORTS=0,0,0` takes free ports for issuer, API and control, so that labs can run beside each other. */
function portsFromEnvironment(): WorldPorts {
  const [issuer, api, control] = (process.env.LAB_PORTS ?? '').split(',').map(Number);
  return issuer === undefined || api === undefined || control === undefined ? labPorts : { issuer, api, control };
}

/** Says it and returns undefined when a port is taken. */
async function openWorld(): Promise<World | undefined> {
  try {
    return await startWorld({ ports: portsFromEnvironment(), accessTokenSeconds });
  } catch (error) {
    if (!(error instanceof Error && 'port' in error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    say(`Port ${error.port} of 127.0.0.1 is taken: end what listens there, perhaps another lab, and start again.`);
    return undefined;
  }
}

function sayWhatRuns(world: World, files: readonly string[], sondeArgs: readonly string[]): void {
  const listen = sondeArgs.includes('--listen') ? sondeArgs[sondeArgs.indexOf('--listen') + 1] : sondeAddress;
  say(`An OAuth issuer runs at ${world.issuer.origin}, an API behind it at ${world.api.origin}.`);
  say(`sonde keeps tokens fresh and probes the API, as ${files.join(' and ')} say.`);
  if (listen?.endsWith(':0')) say('Look at    the address in its first lines below');
  else say(`Look at    http://${listen}/ and http://${listen}/metrics`);
  say(`Break it   curl -X POST ${world.control.origin}/faults/api/status-500   (docs/lab.md has all faults)`);
  say(`In ${firstAfterMs / 1000} s something breaks, then once a minute; each heals by itself. Ctrl-C ends all.`);
}

/** Resolves with true when sonde ended well. */
async function drain(daemon: Daemon, hurry: AbortSignal): Promise<boolean> {
  say('Ending …');
  daemon.drain();
  hurry.addEventListener('abort', daemon.kill);
  const impatience = setTimeout(daemon.kill, drainPatienceMs);
  const end = await daemon.ended;
  clearTimeout(impatience);
  if (end !== 0) say(`sonde did not end well (${end}).`);
  return end === 0;
}

/** Runs until the person at the terminal has had enough; resolves with true when all went well until then. */
async function show(world: World, folder: string, { stop, hurry }: StopWishes): Promise<boolean> {
  const sondeArgs = process.argv.slice(2);
  const files = await labChecks(world, join(folder, 'checks'));
  sayWhatRuns(world, files, sondeArgs);
  const daemon = startDaemon([...files, '--state-dir', join(folder, 'state'), ...sondeArgs], await world.environment());
  const over = new AbortController();
  const rotation = rotateBreakages(createClock(), world, say, AbortSignal.any([stop, over.signal])).catch(
    (error: unknown) => say(`The lab itself has failed: ${error}`),
  );
  const first = await Promise.race([daemon.ended, aborted(stop), rotation]);
  over.abort();
  if (first === undefined) return (await drain(daemon, hurry)) && stop.aborted;
  say(`sonde has ended by itself (${first}), so the lab ends too.`);
  return false;
}

const wishes = listenForStop();
const world = await openWorld();
const folder = await mkdtemp(join(tmpdir(), 'sonde-lab-'));
try {
  const well = world !== undefined && (await show(world, folder, wishes));
  process.exitCode = well ? 0 : ownFailure;
} finally {
  await world?.close();
  await rm(folder, { recursive: true });
}
