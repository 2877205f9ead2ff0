import type { Outcome } from '../model/cause.ts';
import type { TokenDefinition } from '../model/check.ts';
import type { TokenResult } from '../model/result.ts';
import type { TokenObservation, TokenStore } from '../model/token.ts';
import type { TokenSource } from './authorizer.ts';
import { createClientCredentialsGrant, type Grant } from './grant.ts';
import { createIssuedSource } from './issued-source.ts';
import { createIssuer, type IssuerPorts } from './issuer.ts';
import { createRefreshTokenFamily } from './refresh-token-family.ts';
import { createRefreshTokenGrant } from './refresh-token-grant.ts';
import { createStaticSource } from './static-source.ts';

export interface TokenSourcePorts extends IssuerPorts {
  readonly store: TokenStore;
  /** Says how a run ended that asked, or could not ask, for a token. */
  readonly judge: (observation: TokenObservation) => Outcome;
  /** Gets every finished token run; must not throw. */
  readonly report: (result: TokenResult) => void;
  /** Gets a sentence for the person on call about what is no run's outcome. */
  readonly warn: (sentence: string) => void;
}

/** The source of one configured token. Throws `TypeError` for a definition that validation would have refused. */
export function createTokenSource(ports: TokenSourcePorts, definition: TokenDefinition): TokenSource {
  if (definition.grant !== 'static') return createIssuedSource(ports, definition, grantOf(ports, definition));
  const { name, value } = definition;
  if (!value) throw new TypeError(`the static token ${name} has no value`);
  return createStaticSource(ports.system, name, value, definition, ports.report);
}

function grantOf(ports: TokenSourcePorts, definition: TokenDefinition): Grant {
  const issuer = createIssuer(ports, definition);
  if (definition.grant === 'client_credentials') return createClientCredentialsGrant(issuer);
  return createRefreshTokenGrant(ports.system.clock, issuer, createRefreshTokenFamily(ports.store, definition));
}
