import { describe, expect, it } from 'vitest';
import { adoptLogin } from '../../src/auth/grants/consent.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import type { StoredToken } from '../../src/model/token.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { fileStore, grantOn } from './family-lab.ts';
import { type ScriptedIssuer, scriptedIssuer } from './scripted-issuer.ts';
import { definition } from './token-lab.ts';

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`;

const wantedOf = ({ origin }: ScriptedIssuer, members: Partial<TokenDefinition> = {}) =>
  definition({
    grant: 'refresh_token',
    endpoints: { token: `${origin}/token` },
    clientAuth: 'none',
    refreshToken: new Secret('seed'),
    dpop: { algorithm: 'EdDSA' },
    ...members,
  });

const granting = (access: object) =>
  scriptedIssuer(() => ({ body: { refresh_token: 'rt', expires_in: 3600, ...access } }));

describe('an access token of an issuer that is played', () => {
  it.each(['bearer', 'DPoP'])('is shown after a restart as it was granted: %s', async (type) => {
    const issuer = await granting({ access_token: 'opaque', token_type: type });
    const store = fileStore(await temporaryFolder());
    const wanted = wantedOf(issuer);
    await grantOn(store, wanted).run();
    const { received } = await grantOn(store, wanted).run();
    expect(issuer.requests).toHaveLength(1);
    expect(received?.tokenType).toBe(type.toLowerCase());
  });

  it('is shown as a login has brought it', async () => {
    const issuer = await granting({});
    const store = fileStore(await temporaryFolder());
    const sentAt = { monotonicMs: 0, wallMs: createVirtualSystem().clock.wallMs() };
    await adoptLogin(store, wantedOf(issuer), { accessToken: new Secret('at'), tokenType: 'bearer', sentAt });
    expect((await grantOn(store, wantedOf(issuer)).run()).received?.tokenType).toBe('bearer');
  });

  it('lives no longer than it says itself, also after a restart', async () => {
    const issuer = await granting({ access_token: jwt({ iat: 100, exp: 160 }), token_type: 'bearer' });
    const store = fileStore(await temporaryFolder());
    const { received } = await grantOn(store, wantedOf(issuer)).run();
    expect(received?.lifetime).toMatchObject({ obtainedAtMs: 0, expiresAtMs: 60_000 });
    const restored = await grantOn(store, wantedOf(issuer)).run();
    expect(restored.received?.lifetime).toMatchObject({ expiresAtMs: 60_000, isAssumed: false });
  });

  it('lives no longer than it says itself either where an earlier version has stored more', async () => {
    const issuer = await granting({ access_token: jwt({ iat: 100, exp: 160 }), token_type: 'bearer' });
    const store = fileStore(await temporaryFolder());
    await grantOn(store, wantedOf(issuer)).run();
    const record = (await store.read('claude')) as StoredToken;
    await store.write('claude', { ...record, expiresAtMs: (record.obtainedAtMs ?? 0) + 3_600_000 });
    const { received } = await grantOn(store, wantedOf(issuer)).run();
    expect(received?.lifetime.expiresAtMs).toBe(60_000);
  });

  it('without a beginning of its own ends by the date of its answer', async () => {
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
    const issuer = await scriptedIssuer(() => ({
      headers: { date },
      body: { access_token: jwt({ exp: Date.parse(date) / 1000 + 90 }), token_type: 'bearer', expires_in: 3600 },
    }));
    const { received } = await grantOn(fileStore(await temporaryFolder()), wantedOf(issuer)).run();
    expect(received?.lifetime).toMatchObject({ obtainedAtMs: 0, expiresAtMs: 90_000 });
  });
});
