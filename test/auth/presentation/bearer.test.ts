import { describe, expect, it } from 'vitest';
import { createBearer } from '../../../src/auth/presentation/bearer.ts';
import { Secret } from '../../../src/model/secret.ts';

const request = (url: string) => ({ url: new URL(url), method: 'GET' });
const token = new Secret('t0ken');

describe('a presented token', () => {
  it('is a bearer', () => {
    const { authorize } = createBearer(token, { sendTo: [] });
    expect(authorize(request('https://any.example/'))).toEqual({ headers: { authorization: 'Bearer t0ken' } });
  });

  it('goes as it is in a header of its own', () => {
    const { authorize } = createBearer(token, { header: 'X-API-Key', sendTo: [] });
    expect(authorize(request('https://any.example/'))).toEqual({ headers: { 'x-api-key': 't0ken' } });
  });

  it('goes to no origin that it is not meant for', () => {
    const { authorize } = createBearer(token, { sendTo: ['https://api.example'] });
    expect(authorize(request('https://api.example/v1?x'))).toHaveProperty('headers.authorization');
    expect(authorize(request('http://api.example/'))).toEqual({ headers: {} });
    expect(authorize(request('https://api.example.evil.example/'))).toEqual({ headers: {} });
  });

  it('asks for no request to be made again, whatever the target answers', () => {
    const { heard } = createBearer(token, { sendTo: [] });
    const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n' };
    expect(heard(request('https://any.example/'), { status: 401, headers })).toBe('done');
  });
});
