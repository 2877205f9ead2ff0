import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { say, spread } from './figures.ts';
import { type MeasuredDaemon, scrape, withDaemon } from './measured-daemon.ts';

const rounds = 5;

function configurationOf(count: number, every: string, target: string): string {
  const checks = Array.from(
    { length: count },
    (_, index) => `  check-${index}:\n    every: ${every}\n    http: ${target}\n`,
  );
  return `budgets:\n  default:\n    rate: 10000/s\n    burst: 10000\nchecks:\n${checks.join('')}`;
}

async function residentMiB({ child }: MeasuredDaemon): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** The share `q` of a histogram of the text format, between the bounds of its bucket as Prometheus would guess it. */
function quantile(text: string, name: string, q: number): number {
  const buckets = [...text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)`, 'gm'))].map(
    ([, bound, count]) => ({
      bound: Number(bound === '+Inf' ? Number.POSITIVE_INFINITY : bound),
      count: Number(count),
    }),
  );
  const wanted = q * (buckets.at(-1)?.count ?? 0);
  let below = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      const share = (wanted - below.count) / (bucket.count - below.count || 1);
      return below.bound + (bucket.bound - below.bound) * share;
    }
    below = bucket;
  }
  return Number.NaN;
}

/** Runs `measure` with the address of a target that answers from this process. */
async function withTarget(measure: (url: string) => Promise<void>): Promise<void> {
  const target = createServer((_, response) => response.end('{"ok":true}')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  await measure(`http://127.0.0.1:${(target.address() as AddressInfo).port}/health`);
  target.close();
}

export const coldStart = () =>
  withTarget(async (url) => {
    const startsMs: number[] = [];
    for (let round = 0; round < rounds; round++)
      startsMs.push(await withDaemon(configurationOf(10, '10s', url), async ({ coldStartMs }) => coldStartMs));
    say(`cold start to first scrape, 10 checks: ${spread(startsMs)}`);
  });

export const resident = () =>
  withTarget(async (url) => {
    for (const count of [10, 1000]) {
      const mebibytes = await withDaemon(configurationOf(count, '10s', url), async (daemon) => {
        await sleep(30_000);
        return residentMiB(daemon);
      });
      say(`resident after 30 s, ${count} checks at 10 s: ${mebibytes.toFixed(0)} MiB`);
    }
  });

export const lateness = () =>
  withTarget(async (url) => {
    const text = await withDaemon(configurationOf(200, '1s', url), async ({ address }) => {
      await sleep(60_000);
      return (await scrape(address)) ?? '';
    });
    const [p50, p99] = [0.5, 0.99].map((q) => (quantile(text, 'sonde_schedule_lateness_seconds', q) * 1000).toFixed(2));
    const runs = /^sonde_schedule_lateness_seconds_count (\d+)/m.exec(text)?.[1];
    const skipped = [...text.matchAll(/^sonde_runs_total\{.*outcome="skipped".*\} (\d+)/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    say(`lateness, 200 checks at 1 s over a minute: p50 ${p50} ms, p99 ${p99} ms (${runs} runs, ${skipped} skipped)`);
  });
