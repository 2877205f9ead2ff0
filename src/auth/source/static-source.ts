import { passed } from '../../model/cause.ts';
import { compact } from '../../model/compact.ts';
import type { TokenResult } from '../../model/result.ts';
import type { Secret } from '../../model/secret.ts';
import type { TokenView } from '../../model/token.ts';
import { newRunId } from '../../net/own-headers.ts';
import type { System } from '../../system/system.ts';
import type { TokenSource } from '../authorizer.ts';
import { createBearer, type Presentation } from '../presentation/bearer.ts';
import { timeClaims } from './time-claims.ts';

/** A credential that is configured as it is sent: an API key, or a token that someone else keeps fresh. */
export function createStaticSource(
  { clock, random }: Pick<System, 'clock' | 'random'>,
  name: string,
  value: Secret,
  presentation: Presentation,
  report: (result: TokenResult) => void,
): TokenSource {
  const obtainedAtMs = clock.monotonicMs();
  const claims = timeClaims(value.reveal());
  const authorizer = createBearer(value, presentation);
  return {
    name,
    firstRun: Promise.resolve(),
    current: () => ({ value, obtainedAtMs, generation: 1 }),
    authorizer: () => authorizer,
    view: (): TokenView =>
      compact({ name, ageMs: clock.monotonicMs() - obtainedAtMs, generation: 1, claims, lastRun: passed }),
    suspect: async () => 'unknown',
    start() {
      const runId = newRunId(random);
      report({ token: name, runId, startedAtMs: clock.wallMs(), phases: {}, durationMs: 0, outcome: passed });
    },
    stop: async () => {},
  };
}
