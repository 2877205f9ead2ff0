import type { Observation } from '../model/observation.ts';
import type { Verdict } from '../model/verdict.ts';

/**
 * Judges an observation; never throws, whatever was seen. `wallNowMs` (milliseconds since 1970) is for what has a date,
 * such as certificates. `mask` takes secrets out of what the verdict quotes before that is shortened: a secret that was
 * cut in two could no longer be found.
 */
export type Assertion = (observation: Observation, wallNowMs: number, mask: (text: string) => string) => Verdict;
