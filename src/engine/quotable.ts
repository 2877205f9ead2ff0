import { mapStrings } from '../model/map-strings.ts';
import type { Facts, Observation } from '../model/observation.ts';

/** What is longer is a page for people, and nobody quotes from it. */
const longestQuotableBody = 64 * 1024;

/**
 * An observation that diagnosis may quote from. Known secrets are taken out of it first: diagnosis shortens what it
 * quotes, and half a secret could no longer be found. Of the body only that of an error answer is left.
 */
export function quotable({ phases, facts, failure }: Observation, mask: (text: string) => string): Observation {
  const { body, headers, ...others } = facts;
  const masked: Facts = {
    ...others,
    ...(headers && { headers: mapStrings(headers, mask) }),
    ...(body !== undefined && isQuotable(facts, body) && { body: mask(plainJson(body)) }),
  };
  return { phases, facts: masked, ...(failure && { failure: mapStrings(failure, mask) }) };
}

function isQuotable({ status = 0 }: Facts, body: string): boolean {
  return status >= 400 && body.length <= longestQuotableBody;
}

/** JSON in which no character is written as an escape that it does not need: a secret in `\u0061` form is one as well. */
function plainJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
