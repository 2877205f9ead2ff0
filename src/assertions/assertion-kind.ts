import type { z } from 'zod';
import type { Observation } from '../model/observation.ts';
import type { Effort } from './effort.ts';

/** What one assertion found: whether it holds, and what was there, not yet shortened or masked. */
export interface Finding {
  readonly holds: boolean;
  readonly got: string;
}

/** One entry of `assert:`, ready to judge. */
export interface CompiledAssertion {
  /** In words: `status 200`, `$.data[0].id matches ^claude`. */
  readonly expected: string;
  /** Judges without throwing anything but `EffortExceeded`. `wallNowMs` is in milliseconds since 1970. */
  judge(observation: Observation, wallNowMs: number, effort: Effort): Finding;
}

/** One kind of assertion: the key of its entry, its schema, and how an entry becomes a judgement. */
export interface AssertionKind<Entry = unknown> {
  readonly key: string;
  /** Of the whole entry; strict, without transforms, each field described for the JSON Schema. */
  readonly schema: z.ZodType<Entry>;
  compile(entry: Entry): CompiledAssertion;
}

/**
 * The most characters of an answer that a finding quotes; a verdict shortens it further once secrets are masked. More
 * than a credential has that fits into a header, even when it comes back in hexadecimal.
 */
export const quotedLength = 32 * 1024;

/** What a finding says of an answer that never came. */
export function absent(fact: string): Finding {
  return { holds: false, got: `no ${fact}: the answer never came` };
}
