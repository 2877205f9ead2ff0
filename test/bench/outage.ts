import { setTimeout as sleep } from 'node:timers/promises';
import { startIssuer } from '../lab/issuer.ts';
import { say, spread } from './figures.ts';
import { scrape, withDaemon } from './measured-daemon.ts';

const rounds = 5;
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

/**
 * How long an issuer's outage goes unseen, and how long its end does: from the moment at which its port closes to the
 * metric that alerts look at, and from the moment at which it opens to a fresh token. sonde asks more often once its
 * token has run out, so both cases are shown.
 */
export async function outage(): Promise<void> {
  for (const [accessTokenSeconds, standing] of [
    [600, 'the token outlives it'],
    [20, 'the token runs out in it'],
  ] as const) {
    const { seenMs, freshMs } = await measureOutages(accessTokenSeconds);
    const setting = `refresh every ${refreshEverySeconds} s, outage of ${outageMs / 1000} s, ${standing}`;
    say(`issuer's failure to the metric, ${setting}: ${spread(seenMs)}`);
    say(`issuer's return to a fresh token, ${setting}: ${spread(freshMs)}`);
  }
}

async function measureOutages(accessTokenSeconds: number) {
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
  const measure = async ({ address }: { readonly address: string }) => {
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
  await withDaemon(yaml, measure, { LAB_SERVICE_SECRET: issuer.clientSecret('lab-service') });
  await issuer.close();
  return { seenMs, freshMs };
}
