import { describe, expect, it } from 'vitest';
import { basicCredentials } from '../../src/net/basic-credentials.ts';

const decoded = (url: string) => {
  const [scheme, pair = ''] = basicCredentials(new URL(url))?.split(' ') ?? [];
  return [scheme, Buffer.from(pair, 'base64').toString()];
};

describe('basic credentials', () => {
  it('are not there without user info', () => {
    expect(basicCredentials(new URL('http://api.example/'))).toBeUndefined();
  });

  it('are decoded from the URL', () => {
    expect(decoded('http://us%40er:p%3Aass@api.example/')).toEqual(['Basic', 'us@er:p:ass']);
    expect(decoded('http://:only-password@api.example/')).toEqual(['Basic', ':only-password']);
  });

  it('take a stray percent sign for what it is', () => {
    expect(decoded('http://user:100%@api.example/')).toEqual(['Basic', 'user:100%']);
  });
});
