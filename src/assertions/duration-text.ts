import { z } from 'zod';
import { durationPattern } from '../model/duration.ts';

const error = 'expected a duration such as 250ms or 2s';

/** A duration as it is written; schemas of assertions change nothing, so that an editor can show them. */
export function durationText(description: string): z.ZodType<string, string> {
  return z.string({ error }).regex(durationPattern, { error }).describe(description);
}
