import { scrape, withDaemon } from '../measured-daemon.ts';
import type { CostCase } from './cases.ts';
import type { Nginx } from './nginx.ts';
import { cpuOfOneUs, probesPerSecond } from './window.ts';

const indented = (by: number, lines: readonly string[]) => lines.map((line) => `${' '.repeat(by)}${line}\n`).join('');

function configurationOf(cost: CostCase, nginx: Nginx): string {
  const trust = cost.isTls ? [`ca: ${nginx.authorityFile}`] : [];
  const check = `    http:
      url: ${nginx.urlOf(cost)}
${indented(6, [...trust, ...cost.http])}    assert:
${indented(6, cost.assertions)}`;
  const checks = Array.from({ length: probesPerSecond }, (_, index) => `  check-${index}:\n${check}`);
  return `defaults:
  every: 1s
budgets:
  default:
    rate: 20000/s
    burst: 20000
checks:
${checks.join('')}`;
}

/** Microseconds of CPU of one run in the running daemon, which is scraped once meanwhile. Throws if any failed. */
export function sondeCostUs(program: string, cost: CostCase, nginx: Nginx): Promise<number> {
  return withDaemon(program, configurationOf(cost, nginx), async ({ pid, address }) => {
    const us = await cpuOfOneUs(pid, nginx, async () => void (await scrape(address)));
    const text = (await scrape(address)) ?? '';
    const failed = [...text.matchAll(/^sonde_runs_total\{.*outcome="(?:failed|errored)".*\} ([1-9]\d*)$/gm)];
    if (failed.length > 0) throw new Error(`runs failed: ${failed[0]?.[0]}`);
    return us;
  });
}
