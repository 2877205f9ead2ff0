import { TokenBucket } from 'limiter';
import { createBudget, Permit } from '../../src/net/limiter.ts';
import { createClock } from '../../src/system/clock.ts';
import { cpuSinceUs } from './side.ts';

/** `node limiter-side.ts sonde|limiter at-hand|waiting|passed-on WAITERS`: prints one JSON line. */
const [side, scenario, waiters] = [process.argv[2], process.argv[3], Number(process.argv[4])];

const clock = createClock();
const stopping = new AbortController().signal;

/** What a run asks for: a permit by its next due time, unless the daemon stops. */
const acquireFrom = (budget: ReturnType<typeof createBudget>) => async () => {
  const grant = await budget.acquire({ signal: stopping, untilMs: clock.monotonicMs() + 60_000 });
  if (!(grant instanceof Permit)) throw new Error(`no permit: ${grant}`);
  return grant;
};

function createSource(ratePerSecond: number, burst: number): () => Promise<unknown> {
  if (side === 'sonde') {
    const acquire = acquireFrom(createBudget(clock, { name: 'bench', ratePerSecond, burst, reserveForTokens: 0 }));
    return async () => (await acquire()).spend();
  }
  const bucket = new TokenBucket({ bucketSize: burst, tokensPerInterval: ratePerSecond, interval: 1000 });
  bucket.content = burst;
  return () => bucket.removeTokens(1);
}

/** Lets so many ask, each again as soon as it got one, until `isOver`. */
async function takeInTurns(take: () => Promise<unknown>, isOver: (taken: number) => boolean) {
  let taken = 0;
  const begun = { cpu: process.cpuUsage(), atMs: performance.now() };
  await Promise.all(
    Array.from({ length: waiters }, async () => {
      while (!isOver(taken)) {
        await take();
        taken += 1;
      }
    }),
  );
  return {
    cpuUs: cpuSinceUs(begun.cpu) / taken,
    permitsPerSecond: (taken / (performance.now() - begun.atMs)) * 1000,
  };
}

const atHand = () => takeInTurns(createSource(1e9, 1e6), (taken) => taken >= 300_000);

const waitingRate = 10_000;

async function waiting() {
  const take = createSource(waitingRate, 100);
  const untilMs = performance.now() + 2000;
  return takeInTurns(take, () => performance.now() >= untilMs);
}

/** Nothing is refilled: each permit goes unused from one to the next in the line. */
function passedOn() {
  const few = { name: 'bench', ratePerSecond: 1e-6, burst: 5, reserveForTokens: 0 };
  const acquire = acquireFrom(createBudget(clock, few));
  return takeInTurns(
    async () => (await acquire()).release(),
    (taken) => taken >= 200_000,
  );
}

const scenarios: Readonly<Record<string, () => ReturnType<typeof takeInTurns>>> = {
  'at-hand': atHand,
  waiting,
  'passed-on': passedOn,
};
process.stdout.write(`${JSON.stringify(await scenarios[scenario ?? '']?.())}\n`);
