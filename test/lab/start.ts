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
/** Long enough for a person to look around at each step of docs/walkthrough.md. */
const accessTokenSecondsAlone = 300;
const sondeAddress = '127.0.0.1:7663';
/** Longer than sonde's own `shutdown_grace` (10 s). */
const drainPatienceMs = 15_000;

// Of `npm start | tee log` a Ctrl-C ends the reader first.
process.stdout.on('error', () => {});
const say = (line: string) => void process.stdout.write(`${styleText('cyan', 'lab')}  ${line}\n`);

/** The ports of issuer, API and control that `LAB_PORTS` asks for; undefined when it is not three ports. */
function portsFromEnvironment(): WorldPorts | undefined {
  const wanted = process.env.LAB_PORTS;
  if (wanted === undefined) return labPorts;
  if (!/^\d{1,5},\d{1,5},\d{1,5}$/.test(wanted)) return undefined;
  const [issuer = 0, api = 0, control = 0] = wanted.split(',').map(Number);
  return Math.max(issuer, api, control) < 65_536 ? { issuer, api, control } : undefined;
}

/** Returns undefined, and has said why, when the ports cannot be had. */
async function openWorld(tokenSeconds: number): Promise<World | undefined> {
  const ports = portsFromEnvironment();
  if (!ports) {
    say('LAB_PORTS has to be three ports, as in 0,0,0 (free ones): of the issuer, of the API, and to break them.');
    return undefined;
  }
  try {
    return await startWorld({ ports, accessTokenSeconds: tokenSeconds });
  } catch (error) {
    if (!(error instanceof Error && 'port' in error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    say(`Port ${error.port} of 127.0.0.1 is taken: end what listens there, perhaps another lab, and start again.`);
    return undefined;
  }
}

const sayServers = ({ issuer, api }: World) =>
  say(`An OAuth issuer runs at ${issuer.origin}, an API behind it at ${api.origin}.`);

const sayHowToBreak = ({ control }: World) =>
  say(`Break it   curl -X POST ${control.origin}/faults/api/status-500   (docs/lab.md has all faults)`);

function sayWhatRuns(world: World, files: readonly string[], sondeArgs: readonly string[]): void {
  const listen = sondeArgs.includes('--listen') ? sondeArgs[sondeArgs.indexOf('--listen') + 1] : sondeAddress;
  sayServers(world);
  say(`sonde keeps tokens fresh and probes the API, as ${files.join(' and ')} say.`);
  if (listen?.endsWith(':0')) say('Look at    the address in its first lines below');
  else say(`Look at    http://${listen}/ and http://${listen}/metrics`);
  sayHowToBreak(world);
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
  // SIGTERM is the end of a sonde that was still starting.
  const well = end === 0 || end === 'SIGTERM';
  if (!well) say(`sonde did not end well (${end}).`);
  return well;
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
  // It heals what is broken: a port that is closed is open again before the world closes.
  await rotation;
  if (first === undefined) return (await drain(daemon, hurry)) && stop.aborted;
  say(`sonde has ended by itself (${first}), so the lab ends too.`);
  return false;
}

/** Only the servers: what watches them, and what breaks, is up to the person. Resolves with true. */
async function serve(world: World, { stop }: StopWishes): Promise<true> {
  sayServers(world);
  sayHowToBreak(world);
  say('Nothing breaks by itself, and no sonde runs: docs/walkthrough.md goes on from here. Ctrl-C ends all.');
  await aborted(stop);
  return true;
}

const alone = process.argv[2] === '--alone';
const wishes = listenForStop();
const world = await openWorld(alone ? accessTokenSecondsAlone : accessTokenSeconds);
const folder = await mkdtemp(join(tmpdir(), 'sonde-lab-'));
try {
  const well = world !== undefined && (await (alone ? serve(world, wishes) : show(world, folder, wishes)));
  process.exitCode = well ? 0 : ownFailure;
} finally {
  await world?.close();
  await rm(folder, { recursive: true });
}
