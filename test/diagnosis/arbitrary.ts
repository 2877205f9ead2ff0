import * as fc from 'fast-check';
import { passed, troubled } from '../../src/model/cause.ts';
import { type Facts, type Observation, phaseNames } from '../../src/model/observation.ts';
import type { TokenView } from '../../src/model/token.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { anyText } from '../support/any-text.ts';

/** Draws a record whose keys may each be missing. */
function partial<T>(fields: { [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>> }): fc.Arbitrary<Partial<T>> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
}

const seconds = fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }), fc.double());

const challenge = fc.oneof(
  anyText(),
  fc
    .tuple(fc.constantFrom('invalid_token', 'insufficient_scope', 'x'), fc.string(), fc.string())
    .map(([error, words, scope]) => `Bearer error="${error}", error_description="${words}", scope="${scope}"`),
);

const headers = partial<Record<'www-authenticate' | 'date' | 'retry-after' | 'location' | 'content-type', string>>({
  'www-authenticate': challenge,
  date: fc.oneof(
    fc.string(),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  ),
  'retry-after': fc.string(),
  location: fc.string(),
  'content-type': fc.string(),
}).map((drawn) => drawn as Record<string, string>);

const facts = partial<Pick<Facts, 'url' | 'address' | 'status' | 'headers' | 'body'>>({
  url: fc.oneof(fc.webUrl(), fc.string()),
  address: fc.ipV4(),
  status: fc.oneof(fc.integer(), fc.constantFrom(200, 302, 401, 403, 404, 429, 500, 503)),
  headers,
  body: fc.oneof(fc.string(), fc.json()),
});

export const arbitraryFailure = fc.record({
  phase: fc.constantFrom(...phaseNames),
  code: fc.oneof(
    fc.string(),
    fc.constantFrom('ENOTFOUND', 'ECONNREFUSED', 'TIMEOUT', 'CERT_HAS_EXPIRED', 'ERR_SSL_X', 'CANCELLED', 'HPE_X'),
  ),
  message: anyText(),
});

export const arbitraryObservation: fc.Arbitrary<Observation> = fc.record(
  { phases: fc.constant({}), facts, failure: arbitraryFailure },
  { requiredKeys: ['phases', 'facts'] },
);

export const arbitraryVerdict: fc.Arbitrary<Verdict> = fc.record({
  assertion: fc.constantFrom('status', 'json', 'latency'),
  holds: fc.boolean(),
  expected: fc.string(),
  got: fc.string(),
});

export const arbitraryTokenView: fc.Arbitrary<TokenView> = fc.record(
  {
    name: fc.string(),
    ageMs: fc.double({ min: 0, max: 1e9 }),
    expiresInMs: fc.double({ min: -1e9, max: 1e9 }),
    scopes: fc.array(fc.string()),
    generation: fc.nat(),
    claims: partial({ nbf: seconds, iat: seconds, exp: seconds }),
    lastRun: fc.constantFrom(passed, troubled('invalid_grant', 'refused')),
  },
  { requiredKeys: ['name', 'ageMs', 'generation'] },
);
