import { z } from 'zod';
import { durationPattern, parseDuration } from '../model/duration.ts';

/** Names of checks, tokens, budgets and environments. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** The end of a problem about a name. */
export const nameExpectation = 'expected up to 100 letters, digits, "-", "_" and ".", beginning with a letter or digit';

const dayMs = 86_400_000;
const longestDurationMs = 366 * dayMs;

/** A duration, in milliseconds; `least` is the shortest one that makes sense. */
export function duration(description: string, least: string) {
  const leastMs = parseDuration(least) as number;
  const form = 'expected a duration such as 250ms, 30s, 5m, 1h or 2d';
  return z
    .string({ error: form })
    .regex(durationPattern, { error: form, abort: true })
    .describe(description)
    .transform((text) => parseDuration(text) as number)
    .refine((ms) => ms >= leastMs && ms <= longestDurationMs, { error: `expected ${least} to 366d` });
}

/** A whole percentage from 1% to 99%, as a share; `of` is what it is a share of. */
export function percentage(description: string, of: string) {
  const form = `expected a share of the ${of} such as 20%, from 1% to 99%`;
  return z
    .string({ error: form })
    .regex(/^[1-9]\d?%$/, { error: form, abort: true })
    .describe(description)
    .transform((text) => Number.parseInt(text, 10) / 100);
}

/** One scope (RFC 6749 section 3.3). */
export const scope = z
  .string()
  .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, { error: 'expected one scope, without spaces and quotes' });

/** The lists and mappings of a schedule: shared by checks and by the refresh of tokens. */
export const scheduleFields = {
  every: duration('The time between two runs, from their starts, on a clock that never steps.', '100ms').optional(),
  cron: z
    .string()
    .describe('A cron expression of five fields, or of six with seconds first, instead of `every`.')
    .optional(),
  timezone: z.string().describe('The time zone of `cron`, such as Europe/Berlin. Without it: UTC.').optional(),
};
