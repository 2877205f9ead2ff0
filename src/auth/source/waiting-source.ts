import type { Outcome } from '../../model/cause.ts';
import type { MissingSecret, TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { TokenResult } from '../../model/result.ts';
import type { TokenObservation } from '../../model/token.ts';
import { newRunId } from '../../net/own-headers.ts';
import type { System } from '../../system/system.ts';
import type { TokenSource } from '../authorizer.ts';

export interface WaitingSourcePorts {
  readonly system: Pick<System, 'clock' | 'random'>;
  readonly judge: (observation: TokenObservation) => Outcome;
  readonly report: (result: TokenResult) => void;
}

/** Stands for a token whose configuration lacks a secret still: it asks nobody, and a reload takes its place. */
export function createWaitingSource(
  { system: { clock, random }, judge, report }: WaitingSourcePorts,
  { name, grant }: TokenDefinition,
  missingSecret: MissingSecret,
): TokenSource {
  const firstRun = Promise.withResolvers<void>();
  let lastRun: Outcome | undefined;
  /** By its one run, or by a stop before that. */
  let hasEnded = false;
  return {
    name,
    firstRun: firstRun.promise,
    current: () => undefined,
    authorizer: () => undefined,
    view: () => compact({ name, ageMs: 0, generation: 0, lastRun }),
    suspect: async () => 'unknown',
    start() {
      if (hasEnded) return;
      hasEnded = true;
      lastRun = judge({ grant, phases: {}, missingSecret });
      const runId = newRunId(random);
      report({ token: name, runId, startedAtMs: clock.wallMs(), phases: {}, durationMs: 0, outcome: lastRun });
      firstRun.resolve();
    },
    async stop() {
      hasEnded = true;
      firstRun.resolve();
    },
  };
}
