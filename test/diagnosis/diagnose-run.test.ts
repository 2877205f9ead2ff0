import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseRun } from '../../src/diagnosis/diagnose-run.ts';
import { causeOf, causes } from '../../src/model/cause.ts';
import type { Facts, Failure, Observation } from '../../src/model/observation.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { arbitraryObservation, arbitrarySentToken, arbitraryVerdict } from './arbitrary.ts';

const url = 'https://api.example.com:8443/v1/models';

function answer(status: number, facts: Facts = {}): Observation {
  return { phases: {}, facts: { url, status, ...facts } };
}

function statusVerdict(got: number, expected = '200'): Verdict {
  return { assertion: 'status', holds: false, expected: `status ${expected}`, got: `${got}` };
}

const jsonVerdict: Verdict = { assertion: 'json', holds: false, expected: '$.data[0].id exists', got: 'nothing' };

function held(verdict: Verdict): Verdict {
  return { ...verdict, holds: true };
}

/** The cause of an answer whose status was not the expected one. */
function causeOfStatus(status: number, facts: Facts = {}) {
  return causeOf(diagnoseRun({ observation: answer(status, facts), verdicts: [statusVerdict(status)] }));
}

describe('diagnoseRun', () => {
  it('passes an answer whose assertions all hold', () => {
    const verdicts = [held(statusVerdict(200)), held(jsonVerdict)];
    expect(diagnoseRun({ observation: answer(200), verdicts })).toEqual({ kind: 'passed' });
  });

  it('passes exactly when there is no failure and all assertions hold, and never throws', () => {
    const findings = fc.record(
      { observation: arbitraryObservation, verdicts: fc.array(arbitraryVerdict), token: arbitrarySentToken },
      { requiredKeys: ['observation', 'verdicts'] },
    );
    fc.assert(
      fc.property(findings, (seen) => {
        const outcome = diagnoseRun(seen);
        const good = !seen.observation.failure && seen.verdicts.every(({ holds }) => holds);
        expect(outcome.kind === 'passed').toBe(good);
        const cause = causeOf(outcome);
        if (!cause) return;
        expect(outcome.kind).toBe(causes[cause.code].outcome);
        expect(cause.detail).not.toBe('');
        expect(Object.values(cause.evidence)).not.toContain(undefined);
      }),
    );
  });

  describe('of a network failure', () => {
    const details: readonly [Failure, string, string][] = [
      [
        { phase: 'resolve', code: 'ENOTFOUND', message: 'no such name' },
        'dns_failure',
        'no address was found for the target api.example.com:8443: no such name',
      ],
      [
        { phase: 'connect', code: 'ECONNREFUSED', message: 'x' },
        'connect_refused',
        'the connection to the target api.example.com:8443 was refused: x',
      ],
      [
        { phase: 'connect', code: 'TIMEOUT', message: 'x' },
        'connect_timeout',
        'the connection to the target api.example.com:8443 was not made in time: x',
      ],
      [
        { phase: 'connect', code: 'ENETUNREACH', message: '' },
        'network_unreachable',
        'this host has no way to the target api.example.com:8443: ENETUNREACH',
      ],
      [
        { phase: 'tls', code: 'CERT_HAS_EXPIRED', message: 'x' },
        'tls_expired',
        'the certificate of the target api.example.com:8443 has expired',
      ],
      [
        { phase: 'tls', code: 'CERT_NOT_YET_VALID', message: 'x' },
        'tls_expired',
        'the certificate of the target api.example.com:8443 is not valid yet',
      ],
      [
        { phase: 'tls', code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed' },
        'tls_untrusted',
        'the certificate of the target api.example.com:8443 is not trusted: self-signed',
      ],
      [
        { phase: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'for b' },
        'tls_name_mismatch',
        'the certificate of the target api.example.com:8443 is for another name: for b',
      ],
      [
        { phase: 'tls', code: 'ECONNRESET', message: 'reset' },
        'tls_handshake',
        'the TLS handshake with the target api.example.com:8443 failed: reset',
      ],
      [
        { phase: 'wait', code: 'TIMEOUT', message: 'x' },
        'timeout',
        'the time for the target api.example.com:8443 ran out in the phase wait: x',
      ],
      [
        { phase: 'transfer', code: 'ECONNRESET', message: 'x' },
        'connection_reset',
        'the connection to the target api.example.com:8443 broke in the phase transfer: x',
      ],
      [
        { phase: 'transfer', code: 'BODY_TOO_LARGE', message: 'over 10 bytes' },
        'body_too_large',
        'the body of the target api.example.com:8443 is too large: over 10 bytes',
      ],
      [
        { phase: 'wait', code: 'HPE_INVALID_CONSTANT', message: 'Expected HTTP/' },
        'protocol_error',
        'the target api.example.com:8443 did not keep to the protocol: Expected HTTP/',
      ],
      [{ phase: 'wait', code: 'CANCELLED', message: 'x' }, 'shutdown', 'the run was stopped before it ended'],
      [
        { phase: 'connect', code: 'EMFILE', message: 'too many open files' },
        'internal',
        'this host is at a limit of its own: too many open files',
      ],
      [
        { phase: 'wait', code: 'CLOCK_STEPPED', message: "this host's clock was set" },
        'internal',
        "this host's clock was set",
      ],
      [
        { phase: 'request', code: 'ERR_INVALID_CHAR', message: 'Invalid character in header content ["x"]' },
        'internal',
        'the request cannot be sent as it stands: Invalid character in header content ["x"]',
      ],
    ];

    it.each(details)('says of %j: %s', (failure, code, detail) => {
      const outcome = diagnoseRun({ observation: { phases: {}, facts: { url }, failure }, verdicts: [] });
      expect(causeOf(outcome)).toMatchObject({ code, detail, evidence: { code: failure.code, phase: failure.phase } });
    });

    const proxy = 'proxy.example.com:3128';
    const ofProxy: readonly [Failure, string, string][] = [
      [
        { phase: 'resolve', code: 'ENOTFOUND', message: 'no such name', proxy },
        'dns_failure',
        'no address was found for the proxy proxy.example.com:3128: no such name',
      ],
      [
        { phase: 'connect', code: 'ECONNREFUSED', message: 'refused', proxy },
        'connect_refused',
        'the connection to the proxy proxy.example.com:3128 was refused: refused',
      ],
      [
        { phase: 'connect', code: 'ENETUNREACH', message: 'no route', proxy },
        'network_unreachable',
        'this host has no way to the proxy proxy.example.com:3128: no route',
      ],
      [
        { phase: 'connect', code: 'TIMEOUT', message: 'x', proxy },
        'connect_timeout',
        'the proxy proxy.example.com:3128 opened no way to the target api.example.com:8443 in time: x',
      ],
      [
        { phase: 'connect', code: 'ECONNRESET', message: 'x', proxy },
        'connection_reset',
        'the connection to the proxy proxy.example.com:3128 broke in the phase connect: x',
      ],
      [
        { phase: 'connect', code: 'HPE_INVALID_CONSTANT', message: 'Expected HTTP/', proxy },
        'protocol_error',
        'the proxy proxy.example.com:3128 did not keep to the protocol: Expected HTTP/',
      ],
      [
        { phase: 'connect', code: 'PROXY_REFUSED', message: 'it answered CONNECT with 502 Bad Gateway', proxy },
        'network_unreachable',
        'the proxy proxy.example.com:3128 opened no way to the target api.example.com:8443: it answered CONNECT with 502 Bad Gateway',
      ],
      [
        { phase: 'connect', code: 'PROXY_UNAUTHORIZED', message: 'it answered CONNECT with 407 No', proxy },
        'unauthorized',
        'the proxy proxy.example.com:3128 wants valid credentials: it answered CONNECT with 407 No',
      ],
    ];

    it.each(ofProxy)('says of %j, which is the doing of a proxy: %s', (failure, code, detail) => {
      const outcome = diagnoseRun({ observation: { phases: {}, facts: { url }, failure }, verdicts: [] });
      expect(causeOf(outcome)).toMatchObject({ code, detail, evidence: { proxy } });
    });

    it('names the target without its address when that is not known, and as it stands when it is no URL', () => {
      const failure: Failure = { phase: 'connect', code: 'ECONNREFUSED', message: '' };
      const detailAt = (facts: Facts) =>
        causeOf(diagnoseRun({ observation: { phases: {}, facts, failure }, verdicts: [] }))?.detail;
      expect(detailAt({})).toBe('the connection to the target was refused: ECONNREFUSED');
      expect(detailAt({ url: 'db 5432' })).toBe('the connection to the target db 5432 was refused: ECONNREFUSED');
    });

    it('goes before a status that came with it, which is evidence', () => {
      const failure: Failure = { phase: 'transfer', code: 'ECONNRESET', message: 'reset' };
      const observation = { ...answer(503, { address: '192.0.2.1' }), failure };
      expect(causeOf(diagnoseRun({ observation, verdicts: [statusVerdict(503)] }))).toMatchObject({
        code: 'connection_reset',
        evidence: { url, address: '192.0.2.1', status: 503 },
      });
    });

    it('keeps what it quotes to one short line', () => {
      const failure: Failure = { phase: 'wait', code: 'HPE_X', message: `a\r\nb\u001b[31m\u202e${'x'.repeat(5000)}` };
      const cause = causeOf(diagnoseRun({ observation: { phases: {}, facts: {}, failure }, verdicts: [] }));
      expect(cause?.detail).toMatch(/protocol: a b \[31m x+…$/);
      expect(cause?.detail.length).toBeLessThan(300);
    });
  });

  describe('of a status that was not asked for', () => {
    it.each([
      [500, 'upstream_5xx', 'the target answered 500 Internal Server Error; expected status 200'],
      [503, 'upstream_5xx', 'the target answered 503 Service Unavailable; expected status 200'],
      [599, 'upstream_5xx', 'the target answered 599; expected status 200'],
      [404, 'upstream_4xx', 'the target answered 404 Not Found; expected status 200'],
      [403, 'upstream_4xx', 'the target answered 403 Forbidden; expected status 200'],
      [407, 'unauthorized', 'a proxy before the target wants valid credentials: 407 Proxy Authentication Required'],
      [429, 'rate_limited_by_target', 'the target answered 429 Too Many Requests'],
      [401, 'unauthorized', 'the target answered 401 Unauthorized to a request without a token'],
      [302, 'assertion_failed', 'the target answered 302 Found; expected status 200'],
      [204, 'assertion_failed', 'the target answered 204 No Content; expected status 200'],
      [999, 'assertion_failed', 'the target answered 999; expected status 200'],
    ])('says of %i: %s', (status, code, detail) => {
      expect(causeOfStatus(status)).toEqual({
        code,
        detail,
        evidence: { url, status, broken: [`status 200: got ${status}`] },
      });
    });

    it.each([429, 503])('takes %i with Retry-After for the rate limit of the target', (status) => {
      expect(causeOfStatus(status, { headers: { 'retry-after': '7' } })).toMatchObject({
        code: 'rate_limited_by_target',
        detail: expect.stringMatching(/ with Retry-After: 7$/),
        evidence: { retry_after: '7' },
      });
    });

    it('shows where a redirect leads, without its query', () => {
      const headers = { location: 'https://login.example.com/start?code=abc#there' };
      expect(causeOfStatus(302, { headers })?.evidence.location).toBe('https://login.example.com/start');
    });

    it('puts the status before other assertions that broke, and all of them into evidence', () => {
      const outcome = diagnoseRun({ observation: answer(500), verdicts: [jsonVerdict, statusVerdict(500)] });
      expect(causeOf(outcome)).toMatchObject({
        code: 'upstream_5xx',
        evidence: { broken: ['$.data[0].id exists: got nothing', 'status 200: got 500'] },
      });
    });

    it('blames the status too where no assertion speaks of it', () => {
      expect(causeOf(diagnoseRun({ observation: answer(500), verdicts: [jsonVerdict] }))).toMatchObject({
        code: 'upstream_5xx',
        detail: 'the target answered 500 Internal Server Error',
      });
    });
  });

  describe('of a status that was asked for', () => {
    const wanted = held(statusVerdict(503, '503'));

    it('passes', () => {
      expect(diagnoseRun({ observation: answer(503), verdicts: [wanted] }).kind).toBe('passed');
    });

    it.each([401, 403, 429, 503])('never makes %i the cause of another assertion that broke', (status) => {
      expect(causeOf(diagnoseRun({ observation: answer(status), verdicts: [wanted, jsonVerdict] }))).toMatchObject({
        code: 'assertion_failed',
        detail: 'expected $.data[0].id exists, got nothing',
      });
    });
  });

  it('judges a probe without a status by its assertions alone', () => {
    const latency: Verdict = { assertion: 'latency', holds: false, expected: 'latency below 2 s', got: '3 s' };
    expect(causeOf(diagnoseRun({ observation: { phases: {}, facts: {} }, verdicts: [latency, jsonVerdict] }))).toEqual({
      code: 'assertion_failed',
      detail: 'expected latency below 2 s, got 3 s',
      evidence: { broken: ['latency below 2 s: got 3 s', '$.data[0].id exists: got nothing'] },
    });
  });
});
