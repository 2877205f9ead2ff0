import type { Observation } from '../model/observation.ts';
import type { Verdict } from '../model/verdict.ts';

/** Judges an observation. `wallNowMs` (milliseconds since 1970) is for what has a date, such as certificates. */
export type Assertion = (observation: Observation, wallNowMs: number) => Verdict;
