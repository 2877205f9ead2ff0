import { describe, expect, it } from 'vitest';
import type { LoginTokens } from '../../../src/auth/authorizer.ts';
import { grantedWords } from '../../../src/cli/login/login-words.ts';
import { Secret } from '../../../src/model/secret.ts';
import { definition } from '../../auth/token-lab.ts';

const bare: LoginTokens = { accessToken: new Secret('the-access-token'), sentAt: { monotonicMs: 1000, wallMs: 0 } };

const words = (tokens: Partial<LoginTokens>, members: Parameters<typeof definition>[0] = {}) =>
  grantedWords(definition(members), { ...bare, ...tokens }, 'the daemon', 2000);

describe('what a login brought', () => {
  it('is told as far as the issuer says', () => {
    expect(words({})).toBe(
      [
        'Logged in to claude.',
        '',
        '  scopes         the issuer does not say',
        '  expires in     the issuer does not say',
        '  refresh token  no',
        '  kept by        the daemon',
        '',
        'Without a refresh token the access ends with this access token. Many issuers give one when `scopes:` asks for offline_access.',
        '',
      ].join('\n'),
    );
  });

  it('is counted from the moment of the request', () => {
    expect(words({ expiresInMs: 3_601_000 })).toContain('  expires in     1 h\n');
  });

  it('may be no scope at all, or one that would move the cursor', () => {
    expect(words({ scopes: [] })).toContain('  scopes         none\n');
    expect(words({ scopes: ['a\u001b[2J'] })).toContain('  scopes         a\\u{1b}[2J\n');
  });

  it('is held against what was asked for and what checks need, each scope once', () => {
    const refreshToken = new Secret('the-refresh-token');
    const members = { scopes: ['a', 'b', 'openid'], neededScopes: { one: ['b', 'c'], two: ['a'] } };
    expect(words({ scopes: ['a'], refreshToken }, members)).toMatch(/\n\nNot granted: b, c\. The token is kept/);
    expect(words({ scopes: ['a', 'b', 'c'], refreshToken }, members)).toMatch(/kept by {8}the daemon\n$/);
  });
});
