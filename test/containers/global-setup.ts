import { styleText } from 'node:util';
import type { TestProject } from 'vitest/node';
import { findEngine, removeLeftovers, runName } from './engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether the suites with containers run at all. */
    readonly containers: boolean;
    /** Owns all that they make. */
    readonly run: string;
  }
}

const leftOut =
  'No container engine answers: the tests against real counterparts (test/containers: Prometheus, chrony, nginx, an issuer) were left out.';

/** Looks for an engine once, before all suites; what is returned cleans up after all of them. */
export async function setup(project: TestProject) {
  const required = process.env.SONDE_REQUIRE_CONTAINERS === '1';
  const run = runName(process.pid);
  const engine = await findEngine();
  project.provide('containers', engine !== undefined || required);
  project.provide('run', run);
  if (engine) return () => removeLeftovers(engine, run);
  // At the end, where it is seen. What is required is not left out: it fails.
  return required ? undefined : () => void process.stderr.write(`${styleText('yellow', leftOut)}\n`);
}
