import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseTokenRun } from '../../src/diagnosis/diagnose-token-run.ts';
import { causeOf, causes } from '../../src/model/cause.ts';
import type { Failure, PhaseName } from '../../src/model/observation.ts';
import type { TokenObservation } from '../../src/model/token.ts';
import { anyText } from '../support/any-text.ts';
import { arbitraryFailure } from './arbitrary.ts';

const url = 'https://auth.example.com/token';
const asked: TokenObservation = { grant: 'refresh_token', phases: {}, endpoint: 'token', url, refreshToken: 'live' };

function causeOfRun(seen: Partial<TokenObservation>) {
  return causeOf(diagnoseTokenRun({ ...asked, ...seen }));
}

describe('diagnoseTokenRun', () => {
  it('passes a run that was granted a token', () => {
    expect(diagnoseTokenRun({ ...asked, status: 200, granted: {} })).toEqual({ kind: 'passed' });
  });

  it('passes exactly when a token was granted and nothing broke, and never throws', () => {
    const text = anyText();
    const seen = fc.record(
      {
        grant: fc.constant('refresh_token'),
        phases: fc.constant({}),
        endpoint: fc.constantFrom('discovery' as const, 'token' as const),
        url: text,
        failure: arbitraryFailure,
        status: fc.oneof(fc.integer(), fc.constantFrom(200, 400, 401, 429, 500)),
        headers: fc.record({ 'content-type': text, 'retry-after': text, 'www-authenticate': text }),
        error: fc.oneof(text, fc.constantFrom('invalid_client', 'invalid_grant', '__proto__')),
        errorDescription: text,
        protocolProblem: text,
        bodyStart: text,
        refreshToken: fc.constantFrom('live' as const, 'spent' as const, 'absent' as const),
        granted: fc.constant({}),
        storeProblem: text,
      },
      { requiredKeys: ['grant', 'phases'] },
    );
    fc.assert(
      fc.property(seen, (run) => {
        const outcome = diagnoseTokenRun(run);
        const good = run.granted !== undefined && !run.failure && run.storeProblem === undefined;
        expect(outcome.kind === 'passed').toBe(good);
        const cause = causeOf(outcome);
        if (!cause) return;
        expect(outcome.kind).toBe(causes[cause.code].outcome);
        expect(Object.values(cause.evidence)).not.toContain(undefined);
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
    expect(causeOfRun({ status: 401, error: 'unauthorized', endpoint: 'discovery' })?.code).toBe(
      'issuer_protocol_error',
    );
  });

  it('takes a bare 401 of the token endpoint, and only of that, for a client that is not accepted', () => {
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

  it('says refresh_token_rotated_away by our own record only', () => {
    expect(causeOfRun({ refreshToken: 'spent' })?.code).toBe('refresh_token_rotated_away');
    expect(causeOfRun({ refreshToken: 'spent', status: 400, error: 'invalid_grant' })?.code).toBe(
      'refresh_token_rotated_away',
    );
    expect(causeOfRun({ refreshToken: 'live', status: 400, error: 'invalid_grant' })?.code).toBe('invalid_grant');
  });

  it('says invalid_grant when there is no refresh token at all', () => {
    expect(causeOfRun({ refreshToken: 'absent' })).toMatchObject({
      code: 'invalid_grant',
      detail: 'there is no refresh token to send: none is configured and none is kept',
    });
  });

  it('takes a run that neither asked nor failed for a bug of ours', () => {
    expect(causeOfRun({})?.code).toBe('internal');
  });
});
