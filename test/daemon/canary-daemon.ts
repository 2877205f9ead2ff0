import { ask, type WebAnswer } from '../support/running-daemon.ts';
import { type SondeProcess, startSonde } from '../support/sonde-process.ts';
import type { Canaries } from './canaries.ts';
import type { CanaryHome } from './canary-setting.ts';

/** A line of the log. */
type Line = Readonly<Record<string, unknown>>;

/** `sonde run` as a process of its own that logs all it can; all that it lets out is searched. */
export interface CanaryDaemon {
  readonly process: SondeProcess;
  get(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<WebAnswer>;
  /** Shows each line, those that were printed by then too, and resolves when one was the last that is waited for. */
  until(isLast: (line: Line) => boolean): Promise<void>;
  /** The same, without those that were printed by then. */
  untilNext(isLast: (line: Line) => boolean): Promise<void>;
  /** Loads the configuration anew; resolves when that has ended, whichever way. */
  reload(): Promise<void>;
  /** Notes all that its web shows now. */
  harvest(): Promise<void>;
  /** Ends it, and notes what it has printed. */
  stop(): Promise<void>;
}

const openMetrics = 'application/openmetrics-text; version=1.0.0';

/** Every address but those of single runs; some that are none. */
const addresses = [
  '/',
  '/metrics',
  '/-/healthy',
  '/-/ready',
  '/-/reload',
  '/api/v1/checks',
  '/api/v1/tokens',
  '/api/v1/clock',
  '/api/v1/secrets',
  '/api/v1/runs/none',
  '/control/tokens/none',
  '/nowhere',
];

/** Of runs: a daemon keeps some of each check, and tells no more of the others. */
const lastLines = 1_500;
const atATime = 20;

export async function startCanaryDaemon(canaries: Canaries, home: CanaryHome, name: string): Promise<CanaryDaemon> {
  const args = ['run', home.file, '--state-dir', home.stateDir, '--listen', '127.0.0.1:0'];
  const process = startSonde(args, { env: { ...home.environment, SONDE_LOG_LEVEL: 'debug' } });
  const lines: Line[] = [];
  const looking = new Set<() => void>();
  let rest = '';
  process.child.stdout?.on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    lines.push(...whole.map((line) => JSON.parse(line)));
    for (const look of looking) look();
  });
  const { hostname: host, port } = new URL(JSON.parse(await process.line(/"address":/)).address);
  const get = (path: string, headers = {}, method = 'GET') => ask({ host, port: Number(port), path, headers, method });

  const untilFrom = (first: number, isLast: (line: Line) => boolean) =>
    new Promise<void>((resolve) => {
      let shown = first;
      const look = () => {
        while (shown < lines.length) {
          if (!isLast(lines[shown++] as Line)) continue;
          looking.delete(look);
          return resolve();
        }
      };
      looking.add(look);
      look();
    });

  return {
    process,
    get,
    until: (isLast) => untilFrom(0, isLast),
    untilNext: (isLast) => untilFrom(lines.length, isLast),
    async reload() {
      const ended = process.nextLine(/"event":"reload"/);
      process.child.kill('SIGHUP');
      await ended;
    },
    async harvest() {
      for (const path of addresses) canaries.place(`${name}: ${path}`, (await get(path)).body);
      canaries.place(`${name}: /metrics as OpenMetrics`, (await get('/metrics', { accept: openMetrics })).body);
      const runs = [...new Set(lines.slice(-lastLines).flatMap(({ run }) => (typeof run === 'string' ? [run] : [])))];
      for (let at = 0; at < runs.length; at += atATime)
        for (const { body } of await Promise.all(runs.slice(at, at + atATime).map((id) => get(`/api/v1/runs/${id}`))))
          canaries.place(`${name}: /api/v1/runs/ID`, body);
    },
    async stop() {
      process.child.kill('SIGTERM');
      const { out, err } = await process.ended;
      canaries.place(`${name}: stdout`, out);
      canaries.place(`${name}: stderr`, err);
    },
  };
}
