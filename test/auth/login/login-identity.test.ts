import { describe, expect, it } from 'vitest';
import { loginIdentity } from '../../../src/auth/login/login-identity.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { definition } from '../token-lab.ts';

describe('what a login must agree on with the keeper of its tokens', () => {
  it.each<[string, Partial<TokenDefinition>]>([
    ['the grant', { grant: 'device_code' }],
    ['the issuer', { issuer: 'https://other.example' }],
    ['an endpoint', { endpoints: { token: 'https://other.example/token' } }],
    ['the client', { clientId: 'other' }],
    ['how the client is known', { clientAuth: 'none' }],
    ['the scopes', { scopes: ['other'] }],
    ['the resources', { resources: ['https://other.example'] }],
    ['the audience', { audience: 'other' }],
    ['the parameters', { parameters: { tenant: 'other' } }],
    ['whether a key is proved', { dpop: { algorithm: 'ES256' } }],
    ['whether a certificate is shown', { clientCertificate: { certificate: 'PEM', key: new Secret('PEM') } }],
  ])('is %s', (_what, members) => {
    expect(loginIdentity(definition(members))).not.toBe(loginIdentity(definition()));
  });

  it('is nothing that either may have renewed, nor where the token goes', () => {
    const changed = definition({ clientSecret: new Secret('renewed'), sendTo: ['https://api.example'], name: 'other' });
    expect(loginIdentity(changed)).toBe(loginIdentity(definition()));
  });
});
