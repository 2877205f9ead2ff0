import type { TokenDefinition } from '../../model/check.ts';
import type { Issuer, IssuerPorts } from '../issuer.ts';
import { createDpop } from '../presentation/dpop.ts';
import { createPresenter } from '../presentation/presenter.ts';
import { createAuthorizationRequest } from './authorization-request.ts';
import { createDeviceAuthorization } from './device-authorization.ts';
import { createIntrospection } from './introspection.ts';
import { createIssuerClient } from './issuer-client.ts';
import { createRevocation } from './revocation.ts';
import { createSign } from './signing.ts';
import { createTokenRequest } from './token-request.ts';

/** Throws `TypeError` for a definition that validation would have refused. */
export function createOAuthIssuer(ports: IssuerPorts, definition: TokenDefinition): Issuer {
  const sign = createSign(ports);
  const dpop = definition.dpop && createDpop(definition.dpop, ports.system.random);
  const client = createIssuerClient(ports, definition, sign, dpop);
  return {
    request: createTokenRequest(ports.system.clock, client, definition),
    introspect: createIntrospection(client),
    revoke: createRevocation(client),
    authorization: createAuthorizationRequest(client, definition, dpop),
    deviceAuthorization: createDeviceAuthorization(client, definition),
    dpopKey: async () => dpop?.ownKey(),
    useDpopKey: (key) => dpop?.useKey(key),
    authorizer: createPresenter(definition, sign, dpop),
  };
}
