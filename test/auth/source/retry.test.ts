import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs, retryDelayMs, retryOf } from '../../../src/auth/source/retry.ts';
import type { CauseCode } from '../../../src/model/cause.ts';
import type { TokenObservation } from '../../../src/model/token.ts';

const hourMs = 3_600_000;
const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('the back-off', () => {
  it('lies between a second and a ceiling that doubles up to a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), unit, (failures, drawn) => {
        const delayMs = retryDelayMs('soon', { failures, unit: drawn, liveForMs: hourMs });
        expect(delayMs).toBeGreaterThanOrEqual(1000);
        expect(delayMs).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** failures));
      }),
    );
  });

  it('uses the whole room below its ceiling', () => {
    expect(retryDelayMs('soon', { failures: 4, unit: 0, liveForMs: hourMs })).toBe(1000);
    expect(retryDelayMs('soon', { failures: 4, unit: 1, liveForMs: hourMs })).toBe(16_000);
    expect(retryDelayMs('soon', { failures: 1, unit: 1, liveForMs: hourMs })).toBe(2000);
  });

  it('has a ceiling of ten seconds from the end of the token on: then every check that needs one stands still', () => {
    expect(retryDelayMs('soon', { failures: 9, unit: 1, liveForMs: 0 })).toBe(10_000);
    expect(retryDelayMs('soon', { failures: 9, unit: 0.5, liveForMs: 0 })).toBe(5500);
    expect(retryDelayMs('soon', { failures: 2, unit: 1, liveForMs: 0 })).toBe(4000);
    expect(retryDelayMs('soon', { failures: 9, unit: 1, liveForMs: 20_000 })).toBe(30_000);
    expect(retryDelayMs('soon', { failures: 9, unit: 1, liveForMs: 0, askedMs: 45_000 })).toBe(45_000);
    expect(retryDelayMs('slowly', { failures: 9, unit: 0, liveForMs: 0 })).toBe(240_000);
  });

  it('waits four to six minutes after a definite refusal', () => {
    expect(retryDelayMs('slowly', { failures: 1, unit: 0, liveForMs: hourMs })).toBe(240_000);
    expect(retryDelayMs('slowly', { failures: 9, unit: 1, liveForMs: hourMs })).toBeCloseTo(360_000);
  });

  it('is never shorter than Retry-After, of which it keeps five minutes at the most', () => {
    fc.assert(
      fc.property(fc.nat(30), unit, fc.nat(1e9), (failures, drawn, askedMs) => {
        const delayMs = retryDelayMs('soon', { failures, unit: drawn, liveForMs: 0, askedMs });
        expect(delayMs).toBeGreaterThanOrEqual(Math.min(askedMs, 300_000));
        expect(delayMs).toBeLessThanOrEqual(300_000);
      }),
    );
  });
});

describe('Retry-After', () => {
  const date = 'Tue, 06 Jan 2026 10:00:00 GMT';

  it('is read in seconds', () => {
    expect(retryAfterMs({ 'retry-after': '120' }, 0)).toBe(120_000);
  });

  it("is read as a date against the answer's own, so that our clock does not count", () => {
    expect(retryAfterMs({ 'retry-after': 'Tue, 06 Jan 2026 10:00:30 GMT', date }, 0)).toBe(30_000);
  });

  it('is read against our clock when the answer has no date', () => {
    expect(retryAfterMs({ 'retry-after': date }, Date.parse(date) - 7000)).toBe(7000);
  });

  it('asks for nothing when it has passed, is absent or cannot be read', () => {
    expect(retryAfterMs({ 'retry-after': date }, Date.parse(date) + 1)).toBe(0);
    expect(retryAfterMs({}, 0)).toBeUndefined();
    expect(retryAfterMs({ 'retry-after': 'soon' }, 0)).toBeUndefined();
  });
});

describe('a failed token run is tried again', () => {
  const seen = (facts: Partial<TokenObservation>): TokenObservation => ({
    grant: 'refresh_token',
    phases: {},
    refreshToken: 'live',
    ...facts,
  });

  it.each<[ReturnType<typeof retryOf>, string, Partial<TokenObservation>]>([
    ['never', 'the refresh token was refused', { status: 400, error: 'invalid_grant' }],
    ['never', 'the refresh token was spent before', { refreshToken: 'spent' }],
    ['never', 'there is no refresh token', { refreshToken: 'absent' }],
    ['slowly', 'the client was refused', { status: 401, error: 'invalid_client' }],
    ['slowly', 'the client was refused without a word', { status: 401 }],
    ['slowly', 'a scope was refused', { status: 400, error: 'invalid_scope' }],
    ['slowly', 'an error came with a status of 200', { status: 200, error: 'unauthorized_client' }],
    ['slowly', 'a grant was refused that spends nothing', { grant: 'client_credentials', error: 'invalid_grant' }],
    ['slowly', 'an assertion was refused: the next one is new', { grant: 'jwt_bearer', error: 'invalid_grant' }],
    ['never', 'the family of a login was refused', { grant: 'device_code', status: 400, error: 'invalid_grant' }],
    ['never', 'another holder has taken the family', { status: 400, error: 'invalid_grant', refreshToken: 'taken' }],
    ['never', 'a logout has ended it', { grant: 'authorization_code', refreshToken: 'logged_out' }],
    ['never', 'a secret is missing', { missingSecret: { reference: 'r', problem: 'p' } }],
    ['soon', 'the issuer says that it will pass', { status: 400, error: 'temporarily_unavailable' }],
    ['soon', 'the issuer fails and names an error', { status: 500, error: 'unexpected' }],
    ['soon', 'the issuer fails, even if it names the refresh token', { status: 503, error: 'invalid_grant' }],
    ['soon', 'too much was asked, even if it names the refresh token', { status: 429, error: 'invalid_grant' }],
    ['soon', 'too much was asked of the issuer', { status: 429, error: 'too_many_requests' }],
    ['soon', 'no answer came', { failure: { phase: 'connect', code: 'ECONNREFUSED', message: '' } }],
    ['soon', 'the answer made no sense', { status: 200, protocolProblem: 'the answer is not a JSON object' }],
    ['soon', 'the store failed', { storeProblem: 'full', refreshToken: 'live' }],
  ])('%s when %s', (retry, _when, facts) => {
    expect(retryOf(seen(facts))).toBe(retry);
  });

  it.each<[ReturnType<typeof retryOf>, CauseCode, string, Partial<TokenObservation>]>([
    ['soon', 'clock_skew', 'it may be set right', { status: 401, error: 'invalid_client' }],
    ['soon', 'clock_skew', 'so may what an assertion was stamped by', { grant: 'jwt_bearer', error: 'invalid_grant' }],
    ['soon', 'clock_skew', 'nothing was said of the refresh token', { status: 400, error: 'invalid_grant' }],
    ['never', 'clock_skew', 'but for a refresh token that is known as spent', { refreshToken: 'spent' }],
    ['never', 'consent_required', 'a person has to log in', { status: 400, error: 'interaction_required' }],
    [
      'slowly',
      'consent_required',
      'consent is given at the issuer alone',
      { grant: 'jwt_bearer', error: 'consent_required' },
    ],
  ])('%s after %s: %s', (retry, cause, _why, facts) => {
    expect(retryOf(seen(facts), cause)).toBe(retry);
  });
});
