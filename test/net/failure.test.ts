import { describe, expect, it } from 'vitest';
import { DeadlineReached } from '../../src/net/deadline.ts';
import { abortError, failureOf, NetError, netError } from '../../src/net/failure.ts';

describe('a network failure', () => {
  it("passes Node's own code and message on", () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(failureOf(netError(error), 'connect')).toEqual({
      phase: 'connect',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('shortens what OpenSSL says to what a person can read', () => {
    const error = Object.assign(
      new Error('00DE:error:0A00010B:SSL routines:validate:wrong version number:record.c:355:'),
      {
        code: 'ERR_SSL_WRONG_VERSION_NUMBER',
        library: 'SSL routines',
        reason: 'wrong version number',
      },
    );
    expect(netError(error).message).toBe('TLS: wrong version number');
  });

  it('belongs to its own phase when it has one', () => {
    expect(failureOf(new NetError('X', 'x', { phase: 'tls' }), 'resolve').phase).toBe('tls');
  });

  it('throws an error without a code, which is a bug and not the network', () => {
    expect(() => netError(new TypeError('x is not a function'))).toThrow(TypeError);
    expect(() => netError('text')).toThrow('text');
  });

  it('tells a deadline from a stop', () => {
    expect(abortError(AbortSignal.abort(new DeadlineReached('no whole answer within 5 ms')))).toMatchObject({
      code: 'TIMEOUT',
      message: 'no whole answer within 5 ms',
    });
    expect(abortError(AbortSignal.abort())).toMatchObject({ code: 'CANCELLED', message: 'the run was stopped' });
  });
});
