import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEngine } from '../../src/engine/engine.ts';
import { createHistory } from '../../src/sinks/history.ts';
import { createPrometheusSink } from '../../src/sinks/prometheus.ts';
import { answered, answeredWith, scriptedCheck } from '../support/scripted-check.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const checkCount = 20;
const minutes = 60;
const everyMinutes = 2;
/** Until then histories fill and V8 compiles. */
const warmUpMinutes = 20;

/** One point of a line. */
interface Point {
  readonly x: number;
  readonly y: number;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** The slope of the straight line nearest to the points. */
function slopeOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  return mean(({ x, y }) => (x - meanX) * (y - meanY)) / mean(({ x }) => (x - meanX) ** 2);
}

const system = createVirtualSystem();
const { clock } = system;
const history = createHistory();
const prometheus = createPrometheusSink({
  version: '0',
  wallMs: clock.wallMs,
  clockVerdict: () => ({ state: 'unknown', toleranceMs: 1_000, reason: 'no clock is asked', sources: [] }),
  budgetLevels: () => [],
  secrets: () => [],
});
let runs = 0;
const engine = createEngine({
  system,
  version: '0',
  mask: (text) => text,
  signingClock: () => ({ toleranceMs: 1_000, isCorrected: false }),
  uncertaintyShare: () => 0.2,
  report(result) {
    runs += 1;
    history.record(result);
    prometheus.record(result);
  },
});
// A third of the answers is an error, so that states change and evidence comes and goes.
const checks = Array.from({ length: checkCount }, (_, index) => {
  let asked = 0;
  const check = scriptedCheck(clock, () => (asked++ % 30 < 20 ? answered : answeredWith(500)));
  const name = `check-${index}`;
  return { ...check, definition: { ...check.definition, name }, identity: { ...check.identity, name } };
});
const identities = checks.map(({ identity }) => identity);
prometheus.syncChecks(identities);
history.syncChecks(identities);
engine.configure(checks);

const counts: Point[] = [];
for (let minute = everyMinutes; minute <= minutes; minute += everyMinutes) {
  await clock.advance(everyMinutes * 60_000);
  collect();
  if (minute >= warmUpMinutes) counts.push({ x: runs, y: process.memoryUsage().heapUsed });
}
await engine.stop(0);
process.stdout.write(`${JSON.stringify({ bytesOfRun: slopeOf(counts), runs })}\n`);
