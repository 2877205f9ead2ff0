import { describe, expect, it } from 'vitest';
import { diagnoseRun } from '../../src/diagnosis/diagnose-run.ts';
import type { SentToken } from '../../src/diagnosis/sent-token.ts';
import type { SigningClock, Stamped } from '../../src/diagnosis/signing-clock.ts';
import { causeOf, troubled } from '../../src/model/cause.ts';
import type { Facts } from '../../src/model/observation.ts';
import type { TimeClaims, TokenView } from '../../src/model/token.ts';

const targetDate = Date.UTC(2026, 0, 1, 12) / 1000;
const date = new Date(targetDate * 1000).toUTCString();

const token: TokenView = { name: 'claude', ageMs: 60_000, expiresInMs: 3_540_000, generation: 3 };

interface Refusal {
  readonly status: 401 | 403;
  readonly challenge?: string;
  readonly body?: string;
  readonly date?: string;
  /** By a cache. */
  readonly age?: string;
  readonly token?: TokenView | undefined;
  /** What else is known of the token. */
  readonly known?: Partial<SentToken>;
}

/** The cause of a refusal, told by a whole run. */
function causeOfRefusal({ status, challenge, body, ...rest }: Refusal) {
  const headers = {
    ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    date: rest.date ?? date,
    ...(rest.age === undefined ? {} : { age: rest.age }),
  };
  const facts: Facts = { status, headers, ...(body === undefined ? {} : { body }) };
  const sent = 'token' in rest ? rest.token : token;
  return causeOf(
    diagnoseRun({
      observation: { phases: {}, facts },
      verdicts: [{ assertion: 'status', holds: false, expected: 'status 200', got: `${status}` }],
      ...(sent ? { token: { view: sent, needs: [], ...rest.known } } : {}),
    }),
  );
}

const invalidToken = 'Bearer error="invalid_token"';

describe('a refusal for want of a scope', () => {
  const challenge = 'Bearer realm="api", error="insufficient_scope", scope="models.read models.write"';

  it('names the scopes that are missing', () => {
    const cause = causeOfRefusal({ status: 403, challenge, token: { ...token, scopes: ['models.read'] } });
    expect(cause).toMatchObject({
      code: 'insufficient_scope',
      detail: 'the target answered 403 Forbidden: the token lacks models.write',
      evidence: {
        required_scopes: ['models.read', 'models.write'],
        granted_scopes: ['models.read'],
        missing_scopes: ['models.write'],
        token: 'claude',
      },
    });
  });

  it('names all that is asked for when the granted scopes are not known', () => {
    expect(causeOfRefusal({ status: 403, challenge })?.evidence).toMatchObject({
      missing_scopes: ['models.read', 'models.write'],
    });
  });

  it('shows a target and an issuer that contradict each other', () => {
    const granted = ['models.read', 'models.write'];
    expect(causeOfRefusal({ status: 403, challenge, token: { ...token, scopes: granted } })?.detail).toBe(
      'the target answered 403 Forbidden: the token lacks models.read models.write, which the issuer says that it granted',
    );
  });

  it('is seen where the target names no scope, and where no token of ours was sent', () => {
    const cause = causeOfRefusal({ status: 403, challenge: 'Bearer error=insufficient_scope', token: undefined });
    expect(cause).toMatchObject({
      code: 'insufficient_scope',
      detail: 'the target answered 403 Forbidden: the token lacks a scope that the target does not name',
    });
  });

  it('is read from a JSON body when there is no challenge', () => {
    const body = JSON.stringify({ error: 'insufficient_scope', error_description: 'no', scope: 'a' });
    expect(causeOfRefusal({ status: 403, body })).toMatchObject({
      code: 'insufficient_scope',
      evidence: { missing_scopes: ['a'], error_description: 'no' },
    });
  });

  it('is found behind another scheme that the target offers', () => {
    const both = `Basic realm="x", ${challenge}`;
    expect(causeOfRefusal({ status: 401, challenge: both })).toMatchObject({
      code: 'insufficient_scope',
      evidence: { challenge: ['basic', 'bearer'] },
    });
  });
});

describe('a refusal of a token that ran out', () => {
  it.each([
    [-5000, 'it ran out 5 s ago by our own count'],
    [0, 'it ran out 0 s ago by our own count'],
    [1500, 'it was at the end of its life'],
  ])('is token_expired when %i ms are left by our own count', (expiresInMs, reason) => {
    expect(causeOfRefusal({ status: 401, token: { ...token, expiresInMs } })).toMatchObject({
      code: 'token_expired',
      detail: `the target answered 401 Unauthorized to the token claude: ${reason}`,
    });
  });

  it('is token_expired when the claims give it a shorter life than expires_in did', () => {
    const iat = targetDate - 400;
    const claims = { iat, exp: iat + 300 };
    const aged = { ...token, ageMs: 400_000, claims };
    expect(causeOfRefusal({ status: 401, challenge: invalidToken, token: aged })?.code).toBe('token_expired');
  });

  it('is token_expired, not skew, for a token of which only its exp speaks', () => {
    const { expiresInMs: _, ...endless } = token;
    const old = { ...endless, claims: { exp: targetDate - 86_400 } };
    expect(causeOfRefusal({ status: 401, token: old })).toMatchObject({
      code: 'token_expired',
      detail: expect.stringContaining("its exp lies 86400 s before the target's Date"),
    });
  });

  it.each([
    ['the challenge', { challenge: 'Bearer error="invalid_token", error_description="The access token expired"' }],
    ['an error object', { body: '{"error": {"code": "token_expired"}}' }],
    ['a message', { body: '{"error": "invalid_token", "message": "Token has expired"}' }],
  ])('is token_expired when the target says so in %s', (_, words) => {
    expect(causeOfRefusal({ status: 401, ...words })).toMatchObject({
      code: 'token_expired',
      evidence: { token_expires_in_seconds: 3540 },
    });
  });

  it.each(['Invalid or expired token', 'Token has been expired or revoked.', 'The token is malformed, expired'])(
    'is unauthorized when the target only says: %s',
    (words) => {
      const challenge = `Bearer error="invalid_token", error_description="${words}"`;
      expect(causeOfRefusal({ status: 401, challenge })).toMatchObject({
        code: 'unauthorized',
        detail: `the target answered 401 Unauthorized to the token claude and says: ${words}`,
      });
    },
  );
});

describe('a refusal that clocks explain', () => {
  const skewed: readonly [string, TimeClaims, number, string][] = [
    ['nbf', { nbf: targetDate + 40 }, 40, "the token's nbf lies 40 s ahead of the target's clock"],
    [
      'iat',
      { iat: targetDate + 30, exp: targetDate + 3630 },
      30,
      "the token's iat lies 30 s ahead of the target's clock",
    ],
    [
      'exp',
      { iat: targetDate - 4000, exp: targetDate - 400 },
      -400,
      "by the target's clock the token ended 400 s ago, though it is still live by its expires_in",
    ],
  ];

  it.each(skewed)('is clock_skew when its %s contradicts the Date of the target', (claim, claims, difference, told) => {
    const cause = causeOfRefusal({ status: 401, challenge: invalidToken, token: { ...token, claims } });
    expect(cause).toMatchObject({
      code: 'clock_skew',
      detail: `the target answered 401 Unauthorized to the token claude: ${told}`,
      evidence: { claim, target_date: '2026-01-01T12:00:00.000Z', difference_seconds: difference },
    });
  });

  it.each([
    ['0', 'clock_skew'],
    ['00', 'clock_skew'],
    ['90', 'unauthorized'],
    ['of no sense', 'unauthorized'],
  ])('takes no Date that a cache has kept: Age %s', (age, code) => {
    const refusal = { status: 401, challenge: invalidToken, age } as const;
    for (const [, claims] of skewed)
      expect(causeOfRefusal({ ...refusal, token: { ...token, claims } })?.code).toBe(code);
  });

  it('shows a claim that no calendar holds as its number', () => {
    const cause = causeOfRefusal({ status: 401, token: { ...token, claims: { nbf: 1e300 } } });
    expect(cause).toMatchObject({ code: 'clock_skew', evidence: { claimed: '1e+300' } });
  });

  it.each([
    ['the claims agree with it', { claims: { nbf: targetDate, iat: targetDate + 1, exp: targetDate + 3600 } }, date],
    ['the claims say nothing of the end', { claims: { nbf: targetDate - 60 } }, date],
    ['the token is opaque', {}, date],
    ['the Date is no date', { claims: { nbf: targetDate + 40 } }, 'yesterday'],
    ['the Date does not exist', { claims: { nbf: targetDate + 40 } }, 'Xyz, 99 Abc 2026 12:00:00 GMT'],
  ])('is unauthorized when %s', (_, known, toldDate) => {
    expect(causeOfRefusal({ status: 401, date: toldDate, token: { ...token, ...known } })?.code).toBe('unauthorized');
  });

  it('is not looked for when a 403 does not speak of the token', () => {
    expect(causeOfRefusal({ status: 403, token: { ...token, claims: { nbf: targetDate + 40 } } })?.code).toBe(
      'unauthorized',
    );
  });
});

describe('a refusal of a token that its issuer was asked about', () => {
  const stock = 'Bearer error="invalid_token", error_description="Invalid or expired token"';

  it.each([
    ['revoked', 'token_revoked', 'to the token claude, and its issuer says that it was revoked'],
    ['expired', 'token_expired', 'to the token claude, and its issuer says that it has expired'],
    [
      'live',
      'unauthorized',
      'to the token claude and says: Invalid or expired token; its issuer says that the token is live',
    ],
    ['unknown', 'unauthorized', 'to the token claude and says: Invalid or expired token'],
  ] as const)('is told apart by its word: %s', (standing, code, told) => {
    const cause = causeOfRefusal({ status: 401, challenge: stock, known: { standing } });
    expect(cause).toMatchObject({ code, detail: `the target answered 401 Unauthorized ${told}` });
    expect(cause?.evidence.issuer_says).toBe(standing === 'unknown' ? undefined : standing);
  });

  it('is not token_expired because the target says so, where the issuer calls it live', () => {
    const challenge = 'Bearer error="invalid_token", error_description="The access token expired"';
    expect(causeOfRefusal({ status: 401, challenge, known: { standing: 'live' } })?.code).toBe('unauthorized');
    expect(causeOfRefusal({ status: 401, challenge, known: { standing: 'unknown' } })?.code).toBe('token_expired');
  });

  it('is clock_skew all the same where the claims of a live token contradict the Date of the target', () => {
    const claims = { iat: targetDate - 4000, exp: targetDate - 400 };
    const view = { ...token, claims };
    expect(causeOfRefusal({ status: 401, token: view, known: { standing: 'live' } })?.code).toBe('clock_skew');
    expect(causeOfRefusal({ status: 401, token: view, known: { standing: 'revoked' } })?.code).toBe('token_revoked');
  });
});

describe('a refusal while the clock of this host is off', () => {
  const clock: SigningClock = {
    skew: { skewMs: 400_000, uncertaintyMs: 20, toleranceMs: 1000 },
    toleranceMs: 1000,
    isCorrected: false,
  };
  const stamped = (iat: number, by: SigningClock = clock): Stamped => ({
    claims: { kind: 'dpop_proof', iat },
    clock: by,
  });
  const invalidProof = 'DPoP error="invalid_dpop_proof", error_description="DPoP proof iat is not recent enough"';

  // Our skew of 400 s has no part in it: the issuer counts the life of an opaque token, and the target asks the issuer.
  it('is unauthorized for an opaque bearer, where to blame our own clock would mislead', () => {
    expect(causeOfRefusal({ status: 401, challenge: invalidToken })?.code).toBe('unauthorized');
  });

  it('is unauthorized for an opaque token with a proof, when the target speaks of the token', () => {
    const challenge = 'DPoP error="invalid_token", error_description="unknown token"';
    const cause = causeOfRefusal({ status: 401, challenge, known: { proof: stamped(targetDate + 400) } });
    expect(cause?.code).toBe('unauthorized');
  });

  it('is clock_skew for a proof that we signed, with both clocks as evidence', () => {
    const proof = stamped(targetDate + 400);
    expect(causeOfRefusal({ status: 401, challenge: invalidProof, known: { proof } })).toMatchObject({
      code: 'clock_skew',
      detail:
        'the target answered 401 Unauthorized to the token claude and says: DPoP proof iat is not recent enough; ' +
        "this host's clock, which stamps what sonde signs, is 400 s ahead of true time",
      evidence: {
        signed: 'DPoP proof',
        signed_iat: '2026-01-01T12:06:40.000Z',
        target_date: '2026-01-01T12:00:00.000Z',
        skew_seconds: 400,
        uncertainty_seconds: 0.02,
        tolerance_seconds: 1,
        stamps_corrected: false,
      },
    });
  });

  it('is clock_skew for a proof that the Date of the target contradicts, though our skew is not known', () => {
    const proof = stamped(targetDate - 90, { toleranceMs: 1000, isCorrected: false });
    const cause = causeOfRefusal({ status: 401, challenge: invalidProof, known: { proof } });
    expect(cause?.code).toBe('clock_skew');
    expect(cause?.detail).toContain('the DPoP proof was stamped 90 s behind the clock of the target');
    const silent = causeOfRefusal({ status: 401, challenge: invalidProof, date: 'none', known: { proof } });
    expect(silent?.code).toBe('unauthorized');
    const kept = causeOfRefusal({ status: 401, challenge: invalidProof, age: '90', known: { proof } });
    expect(kept?.code).toBe('unauthorized');
  });

  it.each([
    ['within the tolerance', stamped(targetDate, { ...clock, skew: { skewMs: 0, uncertaintyMs: 1, toleranceMs: 1 } })],
    ['in true time', stamped(targetDate, { ...clock, isCorrected: true })],
    ['without an iat', { claims: { kind: 'dpop_proof' }, clock: { toleranceMs: 1000, isCorrected: false } }],
  ] as const)('is unauthorized for a proof that is stamped %s', (_, proof) => {
    expect(causeOfRefusal({ status: 401, challenge: invalidProof, known: { proof } })).toMatchObject({
      code: 'unauthorized',
      evidence: { signed: 'DPoP proof', error: 'invalid_dpop_proof' },
    });
  });

  it('is unauthorized when a target complains of a proof that was not sent', () => {
    expect(causeOfRefusal({ status: 401, challenge: invalidProof })?.code).toBe('unauthorized');
  });
});

describe('a refusal of a token that lacks what the check says it needs', () => {
  const needs = ['models.read', 'usage.read'];
  const granted = { ...token, scopes: ['models.read'] };

  it('names the missing scopes where the target names none', () => {
    const challenge = 'Bearer error="insufficient_scope"';
    expect(causeOfRefusal({ status: 403, challenge, token: granted, known: { needs } })).toMatchObject({
      code: 'insufficient_scope',
      detail: 'the target answered 403 Forbidden: the token lacks usage.read, which the check says that it needs',
      evidence: { required_scopes: needs, granted_scopes: ['models.read'], missing_scopes: ['usage.read'] },
    });
  });

  it('follows the target where it names some', () => {
    const challenge = 'Bearer error="insufficient_scope", scope="models.write"';
    expect(causeOfRefusal({ status: 403, challenge, token: granted, known: { needs } })).toMatchObject({
      detail: 'the target answered 403 Forbidden: the token lacks models.write',
      evidence: { missing_scopes: ['models.write'] },
    });
  });

  it('does not guess when all that is needed was granted', () => {
    const challenge = 'Bearer error="insufficient_scope"';
    const whole = { ...token, scopes: needs };
    expect(causeOfRefusal({ status: 403, challenge, token: whole, known: { needs } })?.detail).toBe(
      'the target answered 403 Forbidden: the token lacks a scope that the target does not name',
    );
    expect(causeOfRefusal({ status: 403, token: whole, known: { needs } })?.code).toBe('unauthorized');
  });

  it('is insufficient_scope for a bare 403, beside what is known of the token', () => {
    expect(causeOfRefusal({ status: 403, token: granted, known: { needs } })?.code).toBe('insufficient_scope');
    expect(causeOfRefusal({ status: 403, known: { needs } })?.code).toBe('unauthorized');
    expect(causeOfRefusal({ status: 401, token: granted, known: { needs } })?.code).toBe('unauthorized');
  });
});

describe('a refusal that nothing explains', () => {
  it('is unauthorized, with what the target says and what we know of the token', () => {
    const lastRun = troubled('invalid_grant', 'refused');
    const challenge = 'Bearer error="invalid_token", error_description="unknown key"';
    expect(causeOfRefusal({ status: 401, challenge, token: { ...token, lastRun } })).toMatchObject({
      code: 'unauthorized',
      detail: 'the target answered 401 Unauthorized to the token claude and says: unknown key',
      evidence: {
        challenge: ['bearer'],
        error: 'invalid_token',
        error_description: 'unknown key',
        token: 'claude',
        token_generation: 3,
        token_age_seconds: 60,
        token_expires_in_seconds: 3540,
        token_last_run: 'invalid_grant',
      },
    });
  });

  it('is unauthorized for a 403 to a token', () => {
    expect(causeOfRefusal({ status: 403 })?.code).toBe('unauthorized');
  });

  it.each([
    ['a page', '<html>no</html>'],
    ['a list', '["insufficient_scope"]'],
    ['a bare word', '"insufficient_scope"'],
    ['nothing', ''],
    ['an object without words', '{"error": null, "message": 7}'],
    ['a body that is too long', JSON.stringify({ error: 'insufficient_scope', pad: 'x'.repeat(70_000) })],
  ])('is upstream_4xx for a 403 without a token when the body is %s', (_, body) => {
    expect(causeOfRefusal({ status: 403, body, token: undefined })?.code).toBe('upstream_4xx');
  });

  it('is unauthorized for a 401 to a request without a token, in the words of the API', () => {
    const body = JSON.stringify({
      type: 'error',
      error: { type: 'authentication_error', message: 'invalid x-api-key' },
    });
    expect(causeOfRefusal({ status: 401, body, token: undefined })).toMatchObject({
      code: 'unauthorized',
      detail: 'the target answered 401 Unauthorized to a request without a token and says: invalid x-api-key',
      evidence: { error: 'authentication_error' },
    });
  });
});
