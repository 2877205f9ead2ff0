import { setTimeout as sleep } from 'node:timers/promises';
import { startIssuer } from '../lab/issuer.ts';
import type { Bench, BenchPorts, Figure } from './bench-figure.ts';
import { scrape, withDaemon } from './measured-daemon.ts';

const refreshEverySeconds = 5;
/** Long enough for the back-off between tries to grow. */
const outageMs = 30_000;
/** Far more often than Prometheus, so that the figure is sonde's own. */
const lookMs = 20;

const count = (text: string, outcome: string) =>
  [...text.matchAll(/^sonde_token_refreshes_total\{.*\} (\d+)/gm)]
    .filter(([line]) => line.includes(`outcome="${outcome}"`))
    .reduce((sum, [, n]) => sum + Number(n), 0);

/** Resolves with the milliseconds until one more token run has ended so. */
async function untilOneMore(address: string, outcome: string): Promise<number> {
  const before = count((await scrape(address)) ?? '', outcome);
  const sinceMs = performance.now();
  while (count((await scrape(address)) ?? '', outcome) <= before) await sleep(lookMs);
  return performance.now() - sinceMs;
}

/** sonde asks more often once its token has run out, so both cases are shown. */
const cases = [
  { accessTokenSeconds: 600, standing: 'the token outlives it' },
  { accessTokenSeconds: 20, standing: 'the token runs out in it' },
] as const;

async function measure(ports: BenchPorts): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { accessTokenSeconds, standing } of cases) {
    ports.say(`outage: ${standing}`);
    const { seenMs, freshMs } = await measureOutages(accessTokenSeconds, ports);
    figures.push(
      { what: `${standing}: failure to metric`, unit: 'ms', sides: [{ name: 'sonde', rounds: seenMs }] },
      { what: `${standing}: return to fresh token`, unit: 'ms', sides: [{ name: 'sonde', rounds: freshMs }] },
    );
  }
  return figures;
}

/** How long an issuer's outage goes unseen, and how long its end does. */
export const outage: Bench = {
  name: 'outage',
  method:
    `An issuer's port closes for ${outageMs / 1000} s. Measured from there to the metric that alerts look at, and from its ` +
    `opening to a fresh token, which is refreshed every ${refreshEverySeconds} s. The issuer answers from the process of the bench.`,
  measure,
};

async function measureOutages(accessTokenSeconds: number, { rounds, program }: BenchPorts) {
  const issuer = await startIssuer({ accessTokenSeconds });
  const yaml = `tokens:
  service:
    issuer: ${issuer.origin}
    grant: client_credentials
    client_id: lab-service
    client_secret: \${env:LAB_SERVICE_SECRET}
    scopes: [models.read]
    refresh:
      every: ${refreshEverySeconds}s
`;
  const seenMs: number[] = [];
  const freshMs: number[] = [];
  const goThrough = async ({ address }: { readonly address: string }) => {
    for (let round = 0; round < rounds; round++) {
      await untilOneMore(address, 'passed');
      await issuer.faults.set('down');
      const sinceMs = performance.now();
      seenMs.push(await untilOneMore(address, 'errored'));
      await sleep(outageMs - (performance.now() - sinceMs));
      await issuer.faults.clear();
      freshMs.push(await untilOneMore(address, 'passed'));
    }
  };
  await withDaemon(program, yaml, goThrough, { LAB_SERVICE_SECRET: issuer.clientSecret('lab-service') });
  await issuer.close();
  return { seenMs, freshMs };
}
