import type { JsonWebKey } from 'node:crypto';
import { createLocalJWKSet, type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import type Provider from 'oidc-provider';
import { errors, type TokenEndpointGrantContext } from 'oidc-provider';
import { jwtBearerGrant } from './issuer-credentials.ts';

interface AssertionRules {
  /** The keys that the client's assertions may be signed with. */
  readonly keysOf: (client: string) => readonly JsonWebKey[];
  readonly clockToleranceSeconds: number;
  /** What the tokens are for, and the scopes that they can have. */
  readonly resource: string;
  readonly scopesNow: () => readonly string[];
}

interface AssertionParameters extends Record<string, unknown> {
  readonly assertion?: string;
  readonly scope?: string;
}

/** Adds the grant jwt_bearer (RFC 7523 section 2.1), which oidc-provider leaves to others. */
export function registerJwtBearer(provider: Provider, rules: AssertionRules): void {
  const { keysOf, clockToleranceSeconds, resource, scopesNow } = rules;

  /** Throws `InvalidGrant`; what is wrong is its detail, which the answer leaves out. */
  async function claimsOf(assertion: string, client: string, audience: string[]): Promise<JWTPayload> {
    const keys = createLocalJWKSet({ keys: keysOf(client).map((key) => ({ ...key, kty: key.kty ?? '' })) });
    try {
      const { payload } = await jwtVerify(assertion, keys, {
        issuer: client,
        audience,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['sub', 'exp', 'iat'],
        maxTokenAge: '1h',
      });
      return payload;
    } catch (error) {
      if (!(error instanceof joseErrors.JOSEError)) throw error;
      throw new errors.InvalidGrant(`assertion refused: ${error.message}`);
    }
  }

  function scopesOf(asked: string | undefined, allowed: string | undefined): string[] {
    const scopes = asked?.split(' ') ?? [];
    const refused = scopes.find((scope) => !allowed?.split(' ').includes(scope));
    if (refused !== undefined) throw new errors.InvalidScope('requested scope is not allowed', refused);
    return scopes.filter((scope) => scopesNow().includes(scope));
  }

  async function answer(context: TokenEndpointGrantContext<AssertionParameters>): Promise<void> {
    const { client, params } = context.oidc;
    const audience = [provider.issuer, context.oidc.urlFor('token')];
    const { sub = '' } = await claimsOf(params.assertion ?? '', client.clientId, audience);
    const scope = scopesOf(params.scope, client.scope).join(' ');
    const grant = new provider.Grant({ clientId: client.clientId, accountId: sub });
    grant.addResourceScope(resource, scope);
    const grantId = await grant.save();
    const token = new provider.AccessToken({
      client,
      accountId: sub,
      grantId,
      gty: 'jwt_bearer',
      aud: resource,
      ...(scope === '' ? {} : { scope }),
    });
    const { tokenType, expiration } = token;
    context.body = { access_token: await token.save(), token_type: tokenType, expires_in: expiration, scope };
  }

  provider.registerGrantType<AssertionParameters>(jwtBearerGrant, answer, ['assertion', 'scope']);
}
