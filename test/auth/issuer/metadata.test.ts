import { describe, expect, it } from 'vitest';
import { readMetadata } from '../../../src/auth/issuer/metadata.ts';

const options = { allowHttp: false, mutualTls: false };

/** The token endpoint that metadata of an issuer names so, or why it is none. */
function endpointOf(token_endpoint: string, issuer = 'https://auth.example.com', allowHttp = false) {
  const read = readMetadata(JSON.stringify({ issuer, token_endpoint }), new URL(issuer), { ...options, allowHttp });
  if ('problem' in read) throw new Error(read.problem);
  const { token } = read.endpoints;
  return token instanceof URL ? token.href : token.problem;
}

describe('an endpoint of plain http on this host', () => {
  const local = 'http://127.0.0.1:6379/token';

  it('is none of an issuer elsewhere, which would have us send credentials to what else listens here', () => {
    expect(endpointOf(local)).toBe(`names a token endpoint of plain http, ${local}`);
    expect(endpointOf('http://localhost/token')).toContain('of plain http');
  });

  it.each(['http://127.0.0.1:7000', 'https://localhost', 'http://[::1]:7000'])('is one of the issuer %s', (issuer) => {
    expect(endpointOf(local, issuer)).toBe(local);
  });

  it('is one where the configuration allows plain http', () => {
    expect(endpointOf(local, 'https://auth.example.com', true)).toBe(local);
  });
});

describe('an address that is no endpoint', () => {
  it.each([
    ['https://user@auth.example.com/token', 'names a token endpoint with user info'],
    ['https://:hunter2@auth.example.com/token', 'names a token endpoint with user info'],
    ['https://auth.example.com/token#part', 'names a token endpoint with a fragment'],
    ['https://auth.example.com/token#', 'names a token endpoint with a fragment'],
    ['//auth.example.com/token', 'names no token endpoint'],
    ['file:///token', 'names no token endpoint'],
  ])('is %s', (address, problem) => {
    expect(endpointOf(address)).toBe(problem);
    expect(endpointOf(address, 'https://auth.example.com', true)).toBe(problem);
  });

  it('is not one with a query of its own (RFC 6749 section 3.2)', () => {
    expect(endpointOf('https://auth.example.com/token?tenant=a')).toBe('https://auth.example.com/token?tenant=a');
  });
});

describe('metadata of an issuer with a path', () => {
  const issuer = 'https://auth.example.com/tenant';

  it.each([
    [issuer, true],
    ['HTTPS://AUTH.example.com:443/tenant', true],
    [`${issuer}/`, false],
    ['https://auth.example.com', false],
    ['https://auth.example.com/tenant?a', false],
  ])('that names %s is its own: %s', (named, isOwn) => {
    const read = readMetadata(JSON.stringify({ issuer: named }), new URL(issuer), options);
    expect('problem' in read).toBe(!isOwn);
  });
});
