import { type KeyObject, verify } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { Introspection } from './bearer.ts';
import type { IssuerStore } from './issuer-adapter.ts';
import type { LabClientId } from './issuer-clients.ts';
import { labAccount } from './issuer-interactions.ts';
import { labResource } from './issuer-provider.ts';

/** The issuer's own books, read and written without its endpoints: they stay open while it is `down`. */
export interface IssuerRecords {
  /**
   * What a person's consent would have brought: the first refresh token of a new family. With the thumbprint of a key
   * (RFC 7638) it is bound to that key.
   */
  mintRefreshToken(client: LabClientId, scopes: readonly string[], keyThumbprint?: string): Promise<string>;
  introspect(token: string): Promise<Introspection>;
  /** An access token alone; with a refresh token its whole family. */
  revoke(token: string): Promise<void>;
  /** All that the person of the lab has ever granted. */
  revokeAll(): void;
  /** Whether some refresh token of the family can still be used; the one given may be spent. */
  familyIsAlive(refreshToken: string): Promise<boolean>;
  /** Whether a refresh has spent it. */
  isSpent(refreshToken: string): Promise<boolean>;
  /** Plays another holder of an authorization code, who has redeemed it. */
  spendCode(code: string): Promise<void>;
  /** Undefined for a token that the issuer does not know. */
  clientOf(refreshToken: string): Promise<LabClientId | undefined>;
}

export function createIssuerRecords(provider: Provider, publicKey: KeyObject, store: IssuerStore): IssuerRecords {
  const find = async (token: string) =>
    (await provider.AccessToken.find(token)) ??
    (await provider.ClientCredentials.find(token)) ??
    (await provider.RefreshToken.find(token));

  return {
    async mintRefreshToken(clientId, granted, keyThumbprint) {
      const client = await provider.Client.find(clientId);
      if (!client) throw new RangeError(`no client is named ${clientId}`);
      const grant = new provider.Grant({ clientId, accountId: labAccount });
      grant.addResourceScope(labResource, granted.join(' '));
      const token = new provider.RefreshToken({
        client,
        accountId: labAccount,
        grantId: await grant.save(),
        scope: ['offline_access', ...granted].join(' '),
        resource: labResource,
        gty: 'authorization_code',
      });
      if (keyThumbprint !== undefined) token.jkt = keyThumbprint;
      return token.save();
    },
    async introspect(token) {
      if (token.includes('.')) return introspectJwt(token, publicKey);
      const found = await find(token);
      if (!found?.isValid) return { active: false };
      const { scope, jkt, 'x5t#S256': hash } = found;
      const cnf = { ...(jkt && { jkt }), ...(hash && { 'x5t#S256': hash }) };
      return {
        active: true,
        ...(scope === undefined ? {} : { scope }),
        ...(Object.keys(cnf).length === 0 ? {} : { cnf }),
      };
    },
    async revoke(token) {
      const found = await find(token);
      if (found?.kind === 'RefreshToken' && found.grantId !== undefined) {
        await provider.RefreshToken.revokeByGrantId(found.grantId);
        await provider.AccessToken.revokeByGrantId(found.grantId);
      } else await found?.destroy();
    },
    revokeAll: () => store.forgetAccount(labAccount),
    async familyIsAlive(refreshToken) {
      const found = await provider.RefreshToken.find(refreshToken);
      return found?.grantId !== undefined && (await provider.Grant.find(found.grantId)) !== undefined;
    },
    isSpent: async (refreshToken) => Boolean((await provider.RefreshToken.find(refreshToken))?.consumed),
    async spendCode(code) {
      await (await provider.AuthorizationCode.find(code))?.consume();
    },
    clientOf: async (refreshToken) =>
      (await provider.RefreshToken.find(refreshToken))?.clientId as LabClientId | undefined,
  };
}

/** A JWT is its own record (RFC 9068): nothing is kept of it, and it cannot be revoked. */
function introspectJwt(token: string, publicKey: KeyObject): Introspection {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  const signed = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
  if (!signed) return { active: false };
  const { exp, scope, cnf } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return exp * 1000 > Date.now() ? { active: true, scope, ...(cnf && { cnf }) } : { active: false };
}
