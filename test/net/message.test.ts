import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/net/http.ts';
import { requestHeaders, requestTarget, responseHeaders } from '../../src/net/message.ts';

const request = (url: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({
  url: new URL(url),
  method: 'GET',
  headers: {},
  maxBodyBytes: 1000,
  ...rest,
});

const proxy = new URL('http://user:pass@proxy.example:3128');

describe('the headers of a request', () => {
  it.each([
    ['http://api.example/', 'api.example'],
    ['http://api.example:80/', 'api.example'],
    ['https://api.example:8443/', 'api.example:8443'],
    ['http://[::1]:8080/', '[::1]:8080'],
  ])('name the host of %s', (url, host) => {
    expect(requestHeaders(request(url))).toEqual({ host, 'accept-encoding': 'gzip, deflate, br, zstd' });
  });

  it("give way to the caller's", () => {
    const headers = { host: 'other.example', 'accept-encoding': 'identity', authorization: 'Bearer x' };
    expect(requestHeaders(request('http://user:pass@api.example/', { headers }))).toEqual(headers);
  });

  it('count the bytes of a body, unless the caller sends it in chunks', () => {
    expect(requestHeaders(request('http://a/', { body: 'ä' }))['content-length']).toBe('2');
    expect(requestHeaders(request('http://a/', { body: '' }))['content-length']).toBe('0');
    const chunked = request('http://a/', { body: 'ä', headers: { 'transfer-encoding': 'chunked' } });
    expect(requestHeaders(chunked)['content-length']).toBeUndefined();
  });

  it('ask to keep a connection that is to be used again', () => {
    expect(requestHeaders(request('http://a/', { connection: { reuse: true } })).connection).toBe('keep-alive');
  });

  it('carry the user info of the URL', () => {
    expect(requestHeaders(request('http://user:pass@api.example/')).authorization).toBe('Basic dXNlcjpwYXNz');
  });

  it("carry the proxy's credentials only when the proxy gets the request itself", () => {
    const connection = { proxy };
    expect(requestHeaders(request('http://api.example/', { connection }))['proxy-authorization']).toBe(
      'Basic dXNlcjpwYXNz',
    );
    expect(requestHeaders(request('https://api.example/', { connection }))['proxy-authorization']).toBeUndefined();
  });
});

describe('the target of a request', () => {
  it('is the path with its query and without a fragment', () => {
    expect(requestTarget(request('http://api.example/a%20b?c=d#e'))).toBe('/a%20b?c=d');
    expect(requestTarget(request('https://api.example', { connection: { proxy } }))).toBe('/');
  });

  it('is the whole address without user info for a proxy', () => {
    expect(requestTarget(request('http://user:pass@api.example:81/a?b', { connection: { proxy } }))).toBe(
      'http://api.example:81/a?b',
    );
  });
});

describe('the headers of a response', () => {
  it('are in lower case, and joined when they are repeated', () => {
    const raw = ['Date', 'today', 'Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'AGE', '1', 'age', '2'];
    expect(responseHeaders(raw)).toEqual({ date: 'today', 'set-cookie': 'a=1, b=2', age: '1, 2' });
  });

  it('hold names that mean something to JavaScript as any other', () => {
    const headers = responseHeaders(['__proto__', 'x', 'constructor', 'y']);
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});
