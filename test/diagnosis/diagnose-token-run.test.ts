import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseTokenRun } from '../../src/diagnosis/diagnose-token-run.ts';
import type { SigningClock } from '../../src/diagnosis/signing-clock.ts';
import { causeOf, causes } from '../../src/model/cause.ts';
import { compact } from '../../src/model/compact.ts';
import type { Failure, PhaseName } from '../../src/model/observation.ts';
import type { SignedClaims, TokenObservation } from '../../src/model/token.ts';
import { arbitraryCircumstances, arbitraryTokenObservation } from './arbitrary.ts';

const url = 'https://auth.example.com/token';
const asked: TokenObservation = { grant: 'refresh_token', phases: {}, endpoint: 'token', url, refreshToken: 'live' };

/** The cause of a run that saw this; what is undefined, it did not see. */
function causeOfRun(seen: Seen, clock?: SigningClock) {
  const run: TokenObservation = compact({ ...asked, ...seen });
  return causeOf(diagnoseTokenRun(run, compact({ token: 'claude', clock })));
}

type Seen = { readonly [Key in keyof TokenObservation]?: TokenObservation[Key] | undefined } & Partial<
  Pick<TokenObservation, 'grant' | 'phases'>
>;

describe('diagnoseTokenRun', () => {
  it('passes a run that was granted a token', () => {
    expect(diagnoseTokenRun({ ...asked, status: 200, granted: {} })).toEqual({ kind: 'passed' });
  });

  it('passes exactly when a token was granted, lacks nothing, and nothing broke; and never throws', () => {
    fc.assert(
      fc.property(arbitraryTokenObservation, arbitraryCircumstances, (run, circumstances) => {
        const outcome = diagnoseTokenRun(run, circumstances);
        const broke = run.failure ?? run.missingSecret ?? run.missingScopes ?? run.storeProblem;
        expect(outcome.kind === 'passed').toBe(run.granted !== undefined && broke === undefined);
        const cause = causeOf(outcome);
        if (!cause) return;
        expect(outcome.kind).toBe(causes[cause.code].outcome);
        expect(cause.detail).not.toBe('');
        expect(Object.values(cause.evidence)).not.toContain(undefined);
        expect(diagnoseTokenRun(structuredClone(run), structuredClone(circumstances))).toEqual(outcome);
      }),
    );
  });

  it('says secret_unavailable when the store failed, even though a token was granted', () => {
    expect(causeOfRun({ status: 200, granted: {}, storeProblem: 'ENOSPC: no space left' })).toMatchObject({
      code: 'secret_unavailable',
      detail: 'the token store failed: ENOSPC: no space left',
    });
  });

  const failures: readonly [PhaseName, string, string, string][] = [
    ['connect', 'ECONNREFUSED', 'issuer_unavailable', 'connect_refused'],
    ['resolve', 'ENOTFOUND', 'issuer_unavailable', 'dns_failure'],
    ['wait', 'TIMEOUT', 'issuer_unavailable', 'timeout'],
    ['tls', 'CERT_HAS_EXPIRED', 'issuer_unavailable', 'tls_expired'],
    ['wait', 'HPE_INVALID_CONSTANT', 'issuer_protocol_error', 'protocol_error'],
    ['transfer', 'BODY_TOO_LARGE', 'issuer_protocol_error', 'body_too_large'],
  ];
  it.each(failures)('in the phase %s takes %s for %s because of %s', (phase, code, cause, networkCause) => {
    const failure: Failure = { phase, code, message: 'as it said' };
    const found = causeOfRun({ failure });
    expect(found).toMatchObject({ code: cause, evidence: { url, code, phase, network_cause: networkCause } });
    expect(found?.detail).toContain('the issuer auth.example.com');
  });

  it.each([
    ['CANCELLED', 'shutdown'],
    ['EMFILE', 'internal'],
  ])('never blames the issuer for %s', (code, cause) => {
    expect(causeOfRun({ failure: { phase: 'connect', code, message: '' } })?.code).toBe(cause);
  });

  it.each([
    ['invalid_client', 401, 'invalid_client'],
    ['unauthorized_client', 400, 'invalid_client'],
    ['unsupported_grant_type', 400, 'invalid_client'],
    ['invalid_grant', 400, 'invalid_grant'],
    ['invalid_scope', 400, 'invalid_scope'],
    ['consent_required', 400, 'consent_required'],
    ['interaction_required', 400, 'consent_required'],
    ['access_denied', 400, 'consent_required'],
    ['unmet_authentication_requirements', 400, 'consent_required'],
    ['authorization_pending', 400, 'consent_required'],
    ['expired_token', 400, 'consent_required'],
    ['invalid_target', 400, 'invalid_scope'],
    ['slow_down', 400, 'issuer_unavailable'],
    ['invalid_dpop_proof', 400, 'issuer_protocol_error'],
    ['use_dpop_nonce', 401, 'issuer_protocol_error'],
    ['invalid_request_uri', 400, 'issuer_protocol_error'],
    ['temporarily_unavailable', 400, 'issuer_unavailable'],
    ['server_error', 400, 'issuer_unavailable'],
    ['invalid_request', 400, 'issuer_protocol_error'],
    ['an_error_of_its_own', 400, 'issuer_protocol_error'],
    ['constructor', 400, 'issuer_protocol_error'],
    ['invalid_grant', 500, 'issuer_unavailable'],
    ['invalid_grant', 429, 'issuer_unavailable'],
  ])('reads the error %s with status %i as %s', (error, status, code) => {
    expect(causeOfRun({ error, status })).toMatchObject({ code, evidence: { error, status, url } });
  });

  it('quotes what the issuer says', () => {
    expect(causeOfRun({ status: 400, error: 'invalid_scope', errorDescription: 'no such\nscope' })?.detail).toBe(
      'the issuer answered 400 Bad Request and says invalid_scope: no such scope',
    );
    expect(causeOfRun({ status: 400, error: 'invalid_scope' })?.detail).toBe(
      'the issuer answered 400 Bad Request and says invalid_scope',
    );
  });

  it('reads a word that some issuers use for a wrong client by its status and grant', () => {
    expect(causeOfRun({ status: 401, error: 'access_denied' })?.code).toBe('invalid_client');
    expect(causeOfRun({ status: 401, error: 'unauthorized' })?.code).toBe('invalid_client');
    expect(causeOfRun({ status: 403, error: 'access_denied', grant: 'client_credentials' })?.code).toBe(
      'invalid_client',
    );
    expect(causeOfRun({ status: 400, error: 'slow_down', grant: 'device_code' })?.code).toBe('consent_required');
    expect(causeOfRun({ status: 401, error: 'unauthorized', endpoint: 'discovery' })?.code).toBe(
      'issuer_protocol_error',
    );
  });

  it.each(['token', 'device_authorization', 'pushed_authorization_request', 'introspection', 'revocation'] as const)(
    'takes a bare 401 of the endpoint %s for a client that is not accepted',
    (endpoint) => {
      expect(causeOfRun({ status: 401, endpoint })).toMatchObject({
        code: 'invalid_client',
        detail: 'the issuer answered 401 Unauthorized and names no error',
        evidence: { endpoint },
      });
    },
  );

  it('takes no bare 401 of the discovery document for a word on the client', () => {
    const headers = { 'www-authenticate': 'Basic realm="x"' };
    expect(causeOfRun({ status: 401, headers })).toMatchObject({
      code: 'invalid_client',
      evidence: { challenge: 'Basic realm="x"' },
    });
    expect(causeOfRun({ status: 401, endpoint: 'discovery' })?.code).toBe('issuer_protocol_error');
  });

  it('shows a page where a token was due', () => {
    const seen = {
      status: 200,
      headers: { 'content-type': 'text/html' },
      protocolProblem: 'the answer is not JSON',
      bodyStart: '<!doctype html>',
    };
    expect(causeOfRun(seen)).toMatchObject({
      code: 'issuer_protocol_error',
      detail: 'the issuer answered 200 OK: the answer is not JSON',
      evidence: { content_type: 'text/html', body_start: '<!doctype html>' },
    });
  });

  it('says issuer_protocol_error of an answer without a token, and of one that was never whole enough for a status', () => {
    expect(causeOfRun({ status: 404 })?.detail).toBe('the issuer answered 404 Not Found');
    expect(causeOfRun({ protocolProblem: 'no token_endpoint' })).toMatchObject({
      code: 'issuer_protocol_error',
      detail: 'no token_endpoint',
    });
  });

  it.each([503, 429])('says issuer_unavailable of %i, with how long to wait', (status) => {
    expect(causeOfRun({ status, headers: { 'retry-after': '30' } })).toMatchObject({
      code: 'issuer_unavailable',
      evidence: { retry_after: '30' },
    });
  });

  it('takes a run that neither asked nor failed for a bug of ours', () => {
    expect(causeOfRun({})?.code).toBe('internal');
  });

  it('says secret_unavailable of a secret that has not come, and which it is', () => {
    const reference = `\${vault:secret/lab#key}`;
    const missingSecret = { reference, problem: 'Vault is sealed' };
    expect(causeOfRun({ missingSecret })).toMatchObject({
      code: 'secret_unavailable',
      detail: `${reference} cannot be had: Vault is sealed`,
      evidence: { reference, grant: 'refresh_token' },
    });
  });

  it('tells what an issuer said by the browser, where there is no status', () => {
    const seen = { endpoint: 'authorization' as const, grant: 'authorization_code', error: 'access_denied' };
    expect(causeOfRun({ ...seen, errorDescription: 'the user said no' })).toMatchObject({
      code: 'consent_required',
      detail: 'the issuer answered and says access_denied: the user said no; run `sonde login … --token claude`',
    });
  });
});

describe('a granted token that lacks a scope', () => {
  it('is insufficient_scope: what was asked for, and what each check needs', () => {
    const missingScopes = {
      asked: ['models.write'],
      byCheck: { usage: ['usage.read'], models: ['models.write'] },
    };
    expect(causeOfRun({ status: 200, granted: { scopes: ['models.read'] }, missingScopes })).toMatchObject({
      code: 'insufficient_scope',
      detail:
        'the issuer granted the token without models.write, which sonde asked for; ' +
        'the check usage needs usage.read, which the token lacks; ' +
        'the check models needs models.write, which the token lacks',
      evidence: {
        granted_scopes: ['models.read'],
        missing_scopes: ['models.write', 'usage.read'],
        needed_by: ['usage', 'models'],
      },
    });
  });

  it('is insufficient_scope for a check alone, where the issuer did not say what it granted', () => {
    const missingScopes = { asked: [], byCheck: { usage: ['usage.read'] } };
    const cause = causeOfRun({ status: 200, granted: {}, missingScopes });
    expect(cause?.detail).toBe('the check usage needs usage.read, which the token lacks');
    expect(cause?.evidence).not.toHaveProperty('granted_scopes');
  });
});

describe('what our own record says', () => {
  const refused = { status: 400, error: 'invalid_grant' };

  it('makes a refused refresh token one that was rotated away', () => {
    expect(causeOfRun({ refreshToken: 'spent' })?.code).toBe('refresh_token_rotated_away');
    expect(causeOfRun({ ...refused, refreshToken: 'spent' })?.code).toBe('refresh_token_rotated_away');
    expect(causeOfRun({ ...refused, refreshToken: 'taken' })).toMatchObject({
      code: 'refresh_token_rotated_away',
      detail: expect.stringContaining('another holder has spent it'),
    });
    expect(causeOfRun({ ...refused, refreshToken: 'live' })?.code).toBe('invalid_grant');
  });

  it('names the time of the request that was never answered, and the way out', () => {
    const spendingSinceMs = Date.UTC(2026, 0, 1, 12);
    expect(causeOfRun({ ...refused, refreshToken: 'spent', spendingSinceMs })).toMatchObject({
      detail:
        'by our own record this refresh token was sent at 2026-01-01T12:00:00.000Z, and no answer with its successor was kept; ' +
        'run `sonde login … --token claude`, or set a new refresh token and reload',
      evidence: { sent_before: '2026-01-01T12:00:00.000Z' },
    });
  });

  it.each([
    [
      'refresh_token',
      'absent',
      'invalid_grant',
      'there is no refresh token to send: none is configured and none is kept; run `sonde login … --token claude`, or set a new refresh token and reload',
    ],
    [
      'authorization_code',
      'absent',
      'consent_required',
      'nobody has given consent yet; run `sonde login … --token claude`',
    ],
    ['device_code', 'absent', 'consent_required', 'nobody has given consent yet; run `sonde login … --token claude`'],
    [
      'device_code',
      'logged_out',
      'consent_required',
      '`sonde logout` has ended the access; run `sonde login … --token claude`',
    ],
    [
      'refresh_token',
      'logged_out',
      'consent_required',
      '`sonde logout` has ended the access; run `sonde login … --token claude`, or set a new refresh token and reload',
    ],
  ] as const)('of the grant %s without a refresh token (%s) is %s', (grant, refreshToken, code, detail) => {
    expect(causeOfRun({ grant, refreshToken })).toMatchObject({ code, detail });
  });

  it('names a token of any name where none is told', () => {
    const outcome = diagnoseTokenRun({ grant: 'device_code', phases: {}, refreshToken: 'absent' });
    expect(causeOf(outcome)?.detail).toContain('--token NAME');
  });

  it('makes a code that was sent before one that is reused, without asking', () => {
    expect(causeOfRun({ grant: 'authorization_code', code: 'used', refreshToken: undefined })).toMatchObject({
      code: 'code_reused',
      detail: 'this authorization code was sent before, and none is sent twice; run `sonde login … --token claude`',
    });
  });

  it.each([
    ['AADSTS54005: OAuth2 Authorization code was already redeemed', 'code_reused'],
    ['authorization code already consumed', 'code_reused'],
    ['The code has been used', 'code_reused'],
    ['The code was already used.', 'code_reused'],
    ['The code is invalid, expired or has already been used', 'invalid_grant'],
    ['does not match the redirection URI used in the request', 'invalid_grant'],
    ['grant request is invalid', 'invalid_grant'],
  ])('and the issuer, who says of a fresh code: %s, make it %s', (errorDescription, code) => {
    const seen = { ...refused, grant: 'authorization_code', code: 'fresh' as const, errorDescription };
    expect(causeOfRun(seen)?.code).toBe(code);
    expect(causeOfRun({ ...seen, code: undefined })?.code).toBe('invalid_grant');
  });

  it.each(['client_credentials', 'jwt_bearer'])('asks no person to log in for the grant %s', (grant) => {
    expect(causeOfRun({ ...refused, grant })?.detail).toBe(
      'the issuer answered 400 Bad Request and says invalid_grant',
    );
  });
});

describe('a refusal of what we signed', () => {
  const issuerDate = Date.UTC(2026, 0, 1, 12);
  const iat = issuerDate / 1000;
  const assertion: SignedClaims = { kind: 'client_assertion', iat, exp: iat + 60 };
  const signedAt = (aheadMs: number): SignedClaims => ({ ...assertion, iat: iat + aheadMs / 1000 });
  const refused = {
    status: 401,
    error: 'invalid_client',
    errorDescription: 'client authentication failed',
    headers: { date: new Date(issuerDate).toUTCString() },
    signed: [assertion],
  };
  const off = (skewMs: number, uncertaintyMs = 20): SigningClock => ({
    skew: { skewMs, uncertaintyMs, toleranceMs: 1000 },
    toleranceMs: 1000,
    isCorrected: false,
  });

  it.each([
    [400_000, "this host's clock, which stamps what sonde signs, is 400 s ahead of true time"],
    [-400_000, "this host's clock, which stamps what sonde signs, is 400 s behind true time"],
  ])('is clock_skew while we are %i ms ahead', (skewMs, told) => {
    expect(causeOfRun({ ...refused, aheadOfIssuerMs: skewMs }, off(skewMs))).toMatchObject({
      code: 'clock_skew',
      detail: `the issuer answered 401 Unauthorized and says invalid_client: client authentication failed; ${told}`,
      evidence: {
        signed: 'client assertion',
        signed_iat: '2026-01-01T12:00:00.000Z',
        signed_exp: '2026-01-01T12:01:00.000Z',
        issuer_date: '2026-01-01T12:00:00.000Z',
        skew_seconds: skewMs / 1000,
        uncertainty_seconds: 0.02,
        tolerance_seconds: 1,
        stamps_corrected: false,
        ahead_of_issuer_seconds: skewMs / 1000,
      },
    });
  });

  it.each([
    ['our skew is within the tolerance', off(900)],
    ['our skew exceeds the tolerance by no more than its uncertainty', off(3000, 2500)],
    ['our skew is not known', { toleranceMs: 1000, isCorrected: false }],
    ['the stamps are in true time', { ...off(400_000), isCorrected: true }],
  ])('stays invalid_client where %s, with what we signed as evidence', (_, clock) => {
    expect(causeOfRun(refused, clock)).toMatchObject({
      code: 'invalid_client',
      evidence: { signed: 'client assertion', tolerance_seconds: 1, stamps_corrected: clock.isCorrected },
    });
  });

  it.each([
    [400_000, 0, 'clock_skew', 'the client assertion was stamped 400 s ahead of the clock of the issuer'],
    [-400_000, 0, 'clock_skew', 'the client assertion was stamped 400 s behind the clock of the issuer'],
    [3_000, 0, 'clock_skew', 'stamped 3 s ahead'],
    [2_000, 0, 'invalid_client', 'client authentication failed'],
    [-2_000, 0, 'invalid_client', 'client authentication failed'],
    [-4_000, 5_000, 'invalid_client', 'client authentication failed'],
    [-9_000, 5_000, 'clock_skew', 'stamped 9 s behind'],
  ])('stamped %i ms from the Date of an answer that took %i ms is %s', (aheadMs, wait, code, told) => {
    const cause = causeOfRun({ ...refused, phases: { queue: 60_000, wait }, signed: [signedAt(aheadMs)] });
    expect(cause).toMatchObject({ code, detail: expect.stringContaining(told) });
  });

  it('is not held against a Date that a cache has kept', () => {
    const headers = { ...refused.headers, age: '400' };
    expect(causeOfRun({ ...refused, headers, signed: [signedAt(400_000)] })?.code).toBe('invalid_client');
  });

  it('is held against the Date of the issuer also where stamps are in true time', () => {
    const clock = { ...off(400_000), isCorrected: true };
    expect(causeOfRun({ ...refused, signed: [signedAt(-30_000)] }, clock)?.code).toBe('clock_skew');
  });

  it.each([
    ['invalid_client', 401, 'client_assertion'],
    ['an_error_of_its_own', 401, 'client_assertion'],
    [undefined, 401, 'client_assertion'],
    ['invalid_grant', 400, 'assertion'],
    ['invalid_dpop_proof', 400, 'dpop_proof'],
  ] as const)('with the error %s and status %i is about the %s', (error, status, kind) => {
    const run = (signed: SignedClaims['kind']) => {
      const seen = { ...refused, error, status, signed: [{ ...assertion, kind: signed }] };
      return causeOfRun(seen, off(400_000))?.code;
    };
    expect(run(kind)).toBe('clock_skew');
    for (const other of (['client_assertion', 'assertion', 'dpop_proof'] as const).filter((each) => each !== kind))
      expect(run(other)).not.toBe('clock_skew');
  });

  it.each([
    ['DPoP proof is not active', 'dpop_proof'],
    ['the JWT assertion is not valid yet', 'client_assertion'],
    ['Invalid JWT: a reasonable timeframe', 'assertion'],
  ] as const)('as a bad request is about what the issuer names: %s', (errorDescription, kind) => {
    const seen = { ...refused, status: 400, error: 'invalid_request' };
    const signed = [{ ...assertion, kind }];
    expect(causeOfRun({ ...seen, errorDescription, signed }, off(400_000))?.code).toBe('clock_skew');
    const silent = { ...seen, errorDescription: 'redirect_uri is missing', signed };
    expect(causeOfRun(silent, off(400_000))?.code).toBe('issuer_protocol_error');
  });

  it.each([
    ['a refresh token is refused, whoever the client is', { status: 400, error: 'invalid_grant' }, 'invalid_grant'],
    ['the client may not do what it asks for', { status: 400, error: 'unauthorized_client' }, 'invalid_client'],
    ['the issuer is down', { status: 503 }, 'issuer_unavailable'],
    ['nothing was signed: a secret is not refused for a clock', { signed: undefined }, 'invalid_client'],
  ])('is never blamed on our clock when %s', (_, seen, code) => {
    expect(causeOfRun({ ...refused, ...seen }, off(400_000))?.code).toBe(code);
  });
});
