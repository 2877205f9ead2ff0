import { z } from 'zod';
import { parseDuration } from '../model/duration.ts';
import { type PhaseName, phaseNames, targetDurationMs } from '../model/observation.ts';
import type { AssertionKind } from './assertion-kind.ts';
import { durationText } from './duration-text.ts';

/** Our own queue says nothing of a target. */
const targetPhases = phaseNames.filter((name): name is Exclude<PhaseName, 'queue'> => name !== 'queue');

const schema = z.strictObject({
  latency: z
    .strictObject({
      below: durationText('The time that has to be undercut, such as 250ms or 2s.'),
      phase: z
        .enum(targetPhases)
        .optional()
        .describe('The phase that is looked at; without it all phases but queue, summed.'),
    })
    .describe("How long the target took. The wait for sonde's own budget is not counted."),
});

export const latencyKind: AssertionKind<z.infer<typeof schema>> = {
  key: 'latency',
  schema,
  compile({ latency: { below, phase } }) {
    const belowMs = parseDuration(below) as number;
    return {
      expected: `${phase ?? 'latency'} below ${below}`,
      judge({ phases, uncertaintyMs = 0, failure }) {
        const tookMs = phase === undefined ? targetDurationMs(phases) : phases[phase];
        if (failure) return { holds: false, got: `no whole answer after ${inWords(targetDurationMs(phases))}` };
        // A kept connection is neither resolved, connected nor secured again: that took no time.
        if (tookMs === undefined) return { holds: true, got: `no phase ${phase} in this run` };
        if (tookMs < belowMs) return { holds: true, got: inWords(tookMs) };
        // What may be our own doing is not held against the target.
        if (tookMs - uncertaintyMs < belowMs)
          return {
            holds: true,
            got: `${inWords(tookMs)}, of which up to ${inWords(uncertaintyMs)} may be sonde's own`,
          };
        return { holds: false, got: inWords(tookMs) };
      },
    };
  },
};

function inWords(ms: number): string {
  return `${Math.round(ms * 10) / 10} ms`;
}
