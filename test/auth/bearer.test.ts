import { describe, expect, it } from 'vitest';
import { createBearer } from '../../src/auth/bearer.ts';
import { Secret } from '../../src/model/secret.ts';

const request = (url: string) => ({ url: new URL(url), method: 'GET' });
const token = new Secret('t0ken');

describe('a presented token', () => {
  it('is a bearer', () => {
    const { headersFor } = createBearer(token, { sendTo: [] });
    expect(headersFor(request('https://any.example/'))).toEqual({ authorization: 'Bearer t0ken' });
  });

  it('goes as it is in a header of its own', () => {
    const { headersFor } = createBearer(token, { header: 'X-API-Key', sendTo: [] });
    expect(headersFor(request('https://any.example/'))).toEqual({ 'x-api-key': 't0ken' });
  });

  it('goes to no origin that it is not meant for', () => {
    const { headersFor } = createBearer(token, { sendTo: ['https://api.example'] });
    expect(headersFor(request('https://api.example/v1?x'))).toHaveProperty('authorization');
    expect(headersFor(request('http://api.example/'))).toEqual({});
    expect(headersFor(request('https://api.example.evil.example/'))).toEqual({});
  });
});
