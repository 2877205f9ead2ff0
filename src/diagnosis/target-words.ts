import type { Facts } from '../model/observation.ts';
import { type Challenge, parseChallenges } from './challenge.ts';

/** What a target says about why it refused the credentials, in the terms of RFC 6750 section 3. */
export interface TargetWords {
  /** `invalid_token`, `insufficient_scope`, or a word of the target's own. */
  readonly error: string | undefined;
  readonly description: string | undefined;
  /** The scopes that the request would need. */
  readonly scopes: readonly string[];
  /** The authentication schemes that the target offers. */
  readonly schemes: readonly string[];
}

/** A longer body is a page for people, not an error object. */
const longestErrorBody = 64 * 1024;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstText(...candidates: readonly unknown[]): string | undefined {
  return candidates.find((candidate): candidate is string => typeof candidate === 'string' && candidate !== '');
}

type Words = { readonly [Key in 'error' | 'description' | 'scope']: string | undefined };

const silence: Words = { error: undefined, description: undefined, scope: undefined };

/** The first challenge that names an error speaks; a target may offer other schemes beside it. */
function wordsOfHeader(challenges: readonly Challenge[]): Words | undefined {
  const speaking = challenges.find(({ parameters }) => parameters.has('error'))?.parameters;
  return (
    speaking && {
      error: speaking.get('error'),
      description: speaking.get('error_description'),
      scope: speaking.get('scope'),
    }
  );
}

/** `{"error": "…", "error_description": "…"}`, or an object of the API's own under `error`. */
function wordsOfBody(body: string | undefined): Words | undefined {
  if (body === undefined || body.length > longestErrorBody) return undefined;
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return undefined;
  const { error } = parsed;
  const inner = isRecord(error) ? error : parsed;
  return {
    error: firstText(error, inner.type, inner.code),
    description: firstText(inner.error_description, inner.message, inner.detail),
    scope: firstText(inner.scope),
  };
}

/** Reads the challenge, else the JSON body, of a refusal. */
export function targetWords({ headers, body }: Facts): TargetWords {
  const challenges = parseChallenges(headers?.['www-authenticate'] ?? '');
  const { error, description, scope = '' } = wordsOfHeader(challenges) ?? wordsOfBody(body) ?? silence;
  return {
    error,
    description,
    // RFC 6749 section 3.3: scopes are set apart by spaces.
    scopes: scope.split(' ').filter((name) => name !== ''),
    schemes: challenges.map(({ scheme }) => scheme),
  };
}
