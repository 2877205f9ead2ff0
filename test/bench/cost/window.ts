import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs } from '../cores.ts';
import type { Nginx } from './nginx.ts';

/** The rate at which sonde and blackbox_exporter probe. */
export const probesPerSecond = 400;

/** A daemon runs for weeks; in its first seconds, V8 is still compiling what it will run. Both sides get the same time. */
export const warmUpMs = 20_000;
const windowMs = 6_000;

/** Microseconds of CPU that a process takes for one probe of those that reach nginx, once it is warm. */
export async function cpuOfOneUs(pid: number, nginx: Nginx, midway: () => Promise<void>): Promise<number> {
  await sleep(warmUpMs);
  const sinceMs = performance.now();
  const [requestsBefore, cpuBeforeMs] = [await nginx.requests(), await cpuMs(pid)];
  await sleep(windowMs / 2);
  await midway();
  await sleep(windowMs / 2);
  const [requests, cpu] = [(await nginx.requests()) - requestsBefore - 1, (await cpuMs(pid)) - cpuBeforeMs];
  // Longer than the window by what was done midway.
  const expected = (probesPerSecond * (performance.now() - sinceMs)) / 1000;
  // Who falls behind, or asks twice, is not compared: sonde leaves out what is overdue.
  if (Math.abs(requests / expected - 1) > 0.1)
    throw new Error(`${requests} requests came, not about ${expected.toFixed(0)}`);
  return (cpu * 1000) / requests;
}
