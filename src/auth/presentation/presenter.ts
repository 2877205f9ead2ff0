import type { ClientCertificate, TokenDefinition } from '../../model/check.ts';
import type { Authorizer } from '../authorizer.ts';
import type { Sign } from '../issuer/signing.ts';
import type { Issuer } from '../issuer.ts';
import { isJsonObject } from '../json.ts';
import { jwtPayload } from '../jwt-payload.ts';
import { createBearer } from './bearer.ts';
import type { Dpop } from './dpop.ts';
import { createDpopNonces } from './dpop-nonces.ts';
import { createDpopPresenter } from './dpop-presenter.ts';

/** Presents the access tokens of one issuer, each as it was granted. */
export function createPresenter(definition: TokenDefinition, sign: Sign, dpop: Dpop | undefined): Issuer['authorizer'] {
  const { clientCertificate, presentCertificate } = definition;
  const nonces = createDpopNonces();
  return (token, type) => {
    const isBound = type === undefined ? mayBeBound(token.reveal()) : type === 'dpop';
    const plain =
      dpop && isBound
        ? createDpopPresenter(token, definition, { dpop, sign, nonces })
        : createBearer(token, definition);
    return clientCertificate && presentCertificate ? withCertificate(plain, clientCertificate) : plain;
  };
}

/** A JWT that is bound to a key says so (RFC 9449 section 6.1); of an opaque one that was stored without its type nobody knows. */
function mayBeBound(token: string): boolean {
  const payload = jwtPayload(token);
  return !payload || (isJsonObject(payload.cnf) && 'jkt' in payload.cnf);
}

/** The same, over connections with the certificate that the token is bound to (RFC 8705 section 3). */
function withCertificate(authorizer: Authorizer, clientCertificate: ClientCertificate): Authorizer {
  return {
    ...authorizer,
    async authorize(request) {
      const authorization = await authorizer.authorize(request);
      return Object.keys(authorization.headers).length > 0 ? { ...authorization, clientCertificate } : authorization;
    },
  };
}
