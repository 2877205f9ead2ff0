import type { ClientCertificate, TokenDefinition } from '../model/check.ts';
import type { Secret } from '../model/secret.ts';
import type { Authorizer } from './authorizer.ts';
import { createBearer } from './bearer.ts';
import type { Dpop } from './dpop.ts';
import { createDpopNonces } from './dpop-nonces.ts';
import { createDpopPresenter } from './dpop-presenter.ts';
import { isJsonObject } from './json.ts';
import { jwtPayload } from './jwt-payload.ts';
import type { Sign } from './signing.ts';
import type { GrantedAccess } from './token-answer.ts';

/** Presents the access tokens of one issuer, each as it was granted. */
export interface Presenter {
  /** Remembers how the token that was granted last is bound. */
  granted(access: GrantedAccess): void;
  authorizer(token: Secret): Authorizer;
}

export function createPresenter(definition: TokenDefinition, sign: Sign, dpop: Dpop | undefined): Presenter {
  const { clientCertificate, presentCertificate } = definition;
  const nonces = createDpopNonces();
  let unbound: string | undefined;

  return {
    granted({ value, type }) {
      unbound = type === 'dpop' ? undefined : value.reveal();
    },
    authorizer(token) {
      const plain =
        dpop && token.reveal() !== unbound && mayBeBound(token.reveal())
          ? createDpopPresenter(token, definition, { dpop, sign, nonces })
          : createBearer(token, definition);
      return clientCertificate && presentCertificate ? withCertificate(plain, clientCertificate) : plain;
    },
  };
}

/** A JWT that is bound to a key says so (RFC 9449 section 6.1); of an opaque token of an earlier process nobody knows. */
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
