import { passed } from '../../src/model/cause.ts';
import type { Result } from '../../src/model/result.ts';

/** A passed run of a check named `api`, with the parts that a test wants otherwise. */
export function sampleResult(parts: Partial<Result> = {}): Result {
  return {
    check: { name: 'api', kind: 'http', target: 'https://api.test/health', labels: {}, intervalMs: 30_000 },
    runId: '0123456789abcdef0123456789abcdef',
    startedAtMs: Date.UTC(2026, 0, 1),
    latenessMs: 0.5,
    phases: { resolve: 0.44, connect: 1.26, wait: 250.6 },
    durationMs: 252.3,
    uncertaintyMs: 0.2,
    isUncertain: false,
    facts: { status: 200 },
    verdicts: [],
    outcome: passed,
    state: { status: 'passing', sinceMs: Date.UTC(2026, 0, 1), consecutiveFailures: 0 },
    ...parts,
  };
}
