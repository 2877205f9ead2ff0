import { createDatagramClient } from '../../src/net/datagram.ts';
import { createDeadline } from '../../src/net/deadline.ts';
import { createBudget, Permit } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { askNtp, type NtpSample } from '../../src/skew/ntp-exchange.ts';
import { sleep } from '../../src/system/clock.ts';
import { createSystem } from '../../src/system/system.ts';
import { quantile } from './quantile.ts';
import { cpuSinceUs } from './side.ts';

/** `node clock-side.ts PORT KNOWN_SKEW_MS SAMPLES PAUSE_MS`: asks a time server of loopback, and prints one JSON line. */
const [port = 0, knownSkewMs = 0, samples = 0, pauseMs = 0] = process.argv.slice(2).map(Number);

const system = createSystem();
const { clock, random } = system;
const datagrams = createDatagramClient(system, createResolver(system));
const budget = createBudget(clock, { name: 'ntp', ratePerSecond: 1e6, burst: 1e6, reserveForTokens: 0 });

async function sample() {
  const permit = await budget.acquire();
  if (!(permit instanceof Permit)) throw new Error(`no permit: ${permit}`);
  const deadline = createDeadline(clock, 2000);
  const { answer } = await askNtp({ datagrams, random }, permit, { host: '127.0.0.1', port }, deadline);
  deadline.close();
  if (answer.kind !== 'time') throw new Error(`the time server was no use: ${answer.failure.message}`);
  return answer.sample;
}

const warmUp = Math.min(200, samples);
for (let count = 0; count < warmUp; count++) await sample();

const begun = process.cpuUsage();
const taken: NtpSample[] = [];
for (let count = 0; count < samples; count++) {
  taken.push(await sample());
  // At every phase of the millisecond that the wall clock tells.
  if (pauseMs > 0) await sleep(clock, pauseMs * (0.5 + random.unit()));
}
const cpuUs = cpuSinceUs(begun) / samples;

const errorsMs = taken.map(({ skewMs }) => Math.abs(skewMs - knownSkewMs));
const isHeld = taken.every(({ skewMs, uncertaintyMs }) => Math.abs(skewMs - knownSkewMs) <= uncertaintyMs);
/** What the monitor takes of a burst of four: the sample of the least delay. */
const ofBurstsMs = Array.from({ length: Math.floor(samples / 4) }, (_, burst) => {
  const four = taken.slice(4 * burst, 4 * burst + 4);
  const best = four.reduce((least, next) => (next.delayMs < least.delayMs ? next : least));
  return Math.abs(best.skewMs - knownSkewMs);
});
const readings = {
  cpuUs,
  p50Ms: quantile(errorsMs, 0.5),
  p99Ms: quantile(errorsMs, 0.99),
  burstP99Ms: quantile(ofBurstsMs, 0.99),
  held: isHeld ? 1 : 0,
};
process.stdout.write(`${JSON.stringify(readings)}\n`);
