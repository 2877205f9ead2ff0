import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelFault } from '../../src/config/labels.ts';
import { troubled } from '../../src/model/cause.ts';
import { metricCatalogue } from '../../src/sinks/metric-catalogue.ts';
import { createPrometheusSink } from '../../src/sinks/prometheus.ts';
import { parseExposition } from '../support/prometheus-text.ts';
import { sampleClock } from '../support/sample-clock.ts';
import { sampleResult } from '../support/sample-result.ts';
import { sampleSecret } from '../support/sample-secret.ts';
import { textOf } from '../support/text-of.ts';

const entries = Object.entries(metricCatalogue);

/** Cells of the rows of a Markdown table whose first cell is code. */
function tableRows(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => row.slice(2, -2).split(' | '));
}

async function scrapeOfEverything() {
  const tls = {
    protocol: 'TLSv1.3',
    cipher: 'X',
    chain: [{ subject: 's', issuer: 'i', notBeforeMs: 0, notAfterMs: 1, fingerprint: 'f' }],
  };
  const facts = {
    url: 'https://api.test/',
    overTls: true,
    ipVersion: 4,
    status: 200,
    httpVersion: '1.1',
    tls,
    ntp: { skewMs: 1, uncertaintyMs: 2, delayMs: 3, rootDistanceMs: 4, stratum: 2, leap: 0 },
  } as const;
  const run = sampleResult({ facts });
  const levels = [{ name: 'default', level: 1 }];
  const sink = createPrometheusSink({
    version: '1.0.0',
    wallMs: () => 0,
    budgetLevels: () => levels,
    clockVerdict: () => sampleClock,
    secrets: () => [sampleSecret],
  });
  sink.syncChecks([run.check]);
  sink.syncBudgets(['default']);
  sink.syncTokens(['claude']);
  sink.record({ ...run, outcome: troubled('overrun', 'still going') });
  sink.record({ ...run, outcome: troubled('timeout', 'wait') });
  sink.record(run);
  const { runId, phases } = run;
  sink.recordToken({
    token: 'claude',
    runId,
    startedAtMs: 0,
    phases,
    durationMs: 1,
    outcome: run.outcome,
    expiresAtMs: 1,
  });
  return parseExposition(textOf((await sink.render(false)).pieces));
}

describe('the catalogue of metrics', () => {
  it('is what docs/metrics.md says', () => {
    const documented = tableRows(readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8'));
    expect(documented).toEqual(
      entries.map(([name, { type, labels, help }]) => [
        `\`${name}\``,
        type,
        labels.map((label) => `\`${label}\``).join(' '),
        help,
      ]),
    );
  });

  it('is what is exposed: each metric with its type, its help and its labels, and no other of ours', async () => {
    const scraped = await scrapeOfEverything();
    const exposed = [...scraped.values()].filter(({ name }) => /^(sonde|probe)_/.test(name));
    expect(
      exposed.map(({ name, type, help, samples }) => {
        const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
        labels.delete('le');
        return [name, { type, help, labels: [...labels].sort() }];
      }),
    ).toEqual(entries.map(([name, { type, help, labels }]) => [name, { type, help, labels: [...labels].sort() }]));
  });

  it('has no label on the metrics of a check that the configuration would let a check have too', () => {
    const ofChecks = entries.filter(([, { labels }]) => labels.some((label) => label === 'check'));
    const labels = new Set(['le', ...ofChecks.flatMap(([, entry]) => entry.labels)]);
    expect([...labels].filter((label) => labelFault(label) === undefined)).toEqual([]);
  });

  it('keeps to the naming rules of Prometheus, and so do the metrics of the process', async () => {
    for (const { name, type, help } of (await scrapeOfEverything()).values()) {
      expect(help.length, name).toBeGreaterThan(5);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent|kb|mb)(_|$)/);
    }
  });
});
