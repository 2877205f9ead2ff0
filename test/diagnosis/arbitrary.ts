import * as fc from 'fast-check';
import type { SentToken } from '../../src/diagnosis/sent-token.ts';
import type { SigningClock } from '../../src/diagnosis/signing-clock.ts';
import { passed, troubled } from '../../src/model/cause.ts';
import { type Facts, type Observation, phaseNames } from '../../src/model/observation.ts';
import type { SignedClaims, TokenObservation, TokenView } from '../../src/model/token.ts';
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
    .tuple(fc.constantFrom('invalid_token', 'insufficient_scope', 'invalid_dpop_proof', 'x'), fc.string(), fc.string())
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

const arbitraryFailure = fc.record({
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

const tokenView: fc.Arbitrary<TokenView> = fc.record(
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

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

const signingClock: fc.Arbitrary<SigningClock> = fc.record(
  {
    skew: fc.record({ skewMs: finite, uncertaintyMs: finite, toleranceMs: finite }),
    toleranceMs: finite,
    isCorrected: fc.boolean(),
  },
  { requiredKeys: ['toleranceMs', 'isCorrected'] },
);

const signedClaims: fc.Arbitrary<SignedClaims> = fc.record(
  {
    kind: fc.constantFrom('client_assertion' as const, 'assertion' as const, 'dpop_proof' as const),
    nbf: seconds,
    iat: seconds,
    exp: seconds,
  },
  { requiredKeys: ['kind'] },
);

export const arbitrarySentToken: fc.Arbitrary<SentToken> = fc.record(
  {
    view: tokenView,
    proof: fc.record({ claims: signedClaims, clock: signingClock }),
    standing: fc.constantFrom('live' as const, 'revoked' as const, 'expired' as const, 'unknown' as const),
    needs: fc.array(fc.string()),
  },
  { requiredKeys: ['view', 'needs'] },
);

const text = anyText();
const texts = fc.array(text);

/** What a token run saw, each part there or not, whether or not the parts can come together. */
export const arbitraryTokenObservation: fc.Arbitrary<TokenObservation> = fc.record(
  {
    grant: fc.constantFrom(
      'client_credentials',
      'refresh_token',
      'authorization_code',
      'device_code',
      'jwt_bearer',
      'constructor',
    ),
    phases: fc.constant({}),
    endpoint: fc.constantFrom(
      'discovery' as const,
      'token' as const,
      'authorization' as const,
      'device_authorization' as const,
      'pushed_authorization_request' as const,
      'introspection' as const,
      'revocation' as const,
    ),
    url: text,
    failure: arbitraryFailure,
    status: fc.oneof(fc.integer(), fc.constantFrom(200, 400, 401, 429, 500)),
    headers,
    error: fc.oneof(
      text,
      fc.constantFrom('invalid_client', 'invalid_grant', 'invalid_dpop_proof', 'invalid_request', '__proto__'),
    ),
    errorDescription: fc.oneof(text, fc.constantFrom('the code was already used', 'the assertion is not valid')),
    protocolProblem: text,
    bodyStart: text,
    refreshToken: fc.constantFrom(
      'live' as const,
      'spent' as const,
      'taken' as const,
      'absent' as const,
      'logged_out' as const,
    ),
    spendingSinceMs: fc.double(),
    code: fc.constantFrom('fresh' as const, 'used' as const),
    signed: fc.array(signedClaims),
    aheadOfIssuerMs: finite,
    granted: partial({ scopes: texts, expiresInMs: finite }),
    missingScopes: fc.record({ asked: texts, byCheck: fc.dictionary(text, texts) }),
    missingSecret: fc.record({ reference: text, problem: text }),
    storeProblem: text,
  },
  { requiredKeys: ['grant', 'phases'] },
);

export const arbitraryCircumstances = partial({ token: text, clock: signingClock });
