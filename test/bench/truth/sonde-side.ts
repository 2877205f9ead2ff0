import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cores, spawnOn } from '../cores.ts';
import { casesOf } from './cases.ts';
import type { MeasuredRun, Scene } from './measured.ts';
import type { PhaseTimes } from './wire.ts';

/** The checks of a load. There is at least one for each case, so a low load has longer intervals. */
function configurationOf({ load, round, target }: Scene): string {
  const cases = casesOf(load, round);
  const count = Math.max(load.perSecond, cases.length);
  const checks = Array.from({ length: count }, (_, index) => {
    const delays = cases[index % cases.length];
    if (!delays) throw new RangeError('a load without cases');
    const trust = load.overTls ? `      ca: ${target.authorityFile}\n` : '';
    return `  check-${index}:\n    http:\n      url: ${target.urlOf(delays, load.overTls)}\n${trust}    assert:\n      - status: 200\n      - json: $.ok\n        equals: true\n`;
  });
  return `server:
  listen: 127.0.0.1:0
defaults:
  every: ${count / load.perSecond}s
budgets:
  default:
    rate: 20000/s
    burst: 20000
checks:
${checks.join('')}`;
}

/** A line of the log, as far as it is looked at. */
interface RunLine {
  readonly run?: string;
  readonly outcome?: string;
  readonly duration_ms?: number;
  readonly uncertainty_ms?: number;
  readonly latency_uncertain?: true;
  readonly phases_ms?: PhaseTimes;
}

function runOf(line: string): MeasuredRun[] {
  const { run, outcome, phases_ms, duration_ms = 0, uncertainty_ms, latency_uncertain } = JSON.parse(line) as RunLine;
  if (run === undefined || outcome !== 'passed' || !phases_ms) return [];
  const told = { name: run, phases: phases_ms, tookMs: duration_ms };
  return [
    {
      ...told,
      ...(uncertainty_ms !== undefined && { uncertaintyMs: uncertainty_ms, isUncertain: latency_uncertain ?? false }),
    },
  ];
}

/** Runs the daemon for as long as the load says, and reads what its log says of each run. */
export async function measureSonde(program: string, scene: Scene): Promise<readonly MeasuredRun[]> {
  const { load, folder } = scene;
  const file = join(folder, 'sonde.yaml');
  await writeFile(file, configurationOf(scene));
  const child = spawnOn(
    cores.measured,
    process.execPath,
    [program, 'run', file, '--state-dir', join(folder, 'state')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SONDE_LOG_LEVEL: 'debug', NODE_ENV: 'production' },
    },
  );
  if (!child.stdout) throw new Error('the daemon has no output');
  const lines: string[] = [];
  const log = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await Promise.race([once(log, 'line'), once(child, 'exit')]);
  await sleep((load.warmUpSeconds + load.seconds) * 1000);
  const ended = once(log, 'close');
  child.kill('SIGTERM');
  await ended;
  return lines.flatMap(runOf);
}
