import type { Outcome } from '../model/cause.ts';
import type { GrantName, TokenDefinition } from '../model/check.ts';
import type { TokenResult } from '../model/result.ts';
import type { TokenObservation, TokenStore } from '../model/token.ts';
import type { TokenSource } from './authorizer.ts';
import { createClientGrant, type Grant } from './grants/grant.ts';
import { createRefreshTokenFamily } from './grants/refresh-token-family.ts';
import { createRefreshTokenGrant } from './grants/refresh-token-grant.ts';
import { createOAuthIssuer } from './issuer/oauth-issuer.ts';
import type { Issuer, IssuerPorts } from './issuer.ts';
import { createIssuedSource } from './source/issued-source.ts';
import { createStaticSource } from './source/static-source.ts';
import { createWaitingSource } from './source/waiting-source.ts';

export interface TokenSourcePorts extends IssuerPorts {
  readonly store: TokenStore;
  /** Says how a run ended that asked, or could not ask, for a token. */
  readonly judge: (observation: TokenObservation) => Outcome;
  /** Gets every finished token run; must not throw. */
  readonly report: (result: TokenResult) => void;
  /** Gets a sentence for the person on call about what is no run's outcome. */
  readonly warn: (sentence: string) => void;
  /** Gets a sentence when the source stops asking, until somebody acts; a single run has no use for it. */
  readonly tellRest?: (sentence: string) => void;
}

/** The source of one configured token. Throws `TypeError` for a definition that validation would have refused. */
export function createTokenSource(ports: TokenSourcePorts, definition: TokenDefinition): TokenSource {
  const { name, grant, value, missingSecret } = definition;
  if (missingSecret) return createWaitingSource(ports, definition, missingSecret);
  if (grant === 'static') {
    if (!value) throw new TypeError(`the static token ${name} has no value`);
    return createStaticSource(ports.system, name, value, definition, ports.report);
  }
  const issuer = createOAuthIssuer(ports, definition);
  return createIssuedSource(ports, definition, grantOf(ports, definition, grant, issuer), issuer);
}

function grantOf(
  { system, skew, judge, store }: TokenSourcePorts,
  definition: TokenDefinition,
  grant: Exclude<GrantName, 'static'>,
  issuer: Issuer,
): Grant {
  if (grant === 'client_credentials' || grant === 'jwt_bearer') return createClientGrant(issuer, grant, skew);
  const family = createRefreshTokenFamily(store, definition);
  return createRefreshTokenGrant({ clock: system.clock, skew, judge }, issuer, family, definition);
}
