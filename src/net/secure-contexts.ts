import { createSecureContext, type SecureContext } from 'node:tls';
import { netError } from './failure.ts';
import { createRemembered } from './remembered.ts';

/** Whom a client trusts and what it shows of itself, as PEM text. */
export interface TlsIdentity {
  readonly ca?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

/** Secure contexts by their content: to make one for each connection costs more than the rest of the handshake. */
export interface SecureContexts {
  /** Throws a `NetError` of phase `tls` when a text is no PEM, or the key is not the certificate's. */
  contextFor(identity: TlsIdentity): SecureContext;
}

function create({ ca, clientCertificate, clientKey }: TlsIdentity): SecureContext {
  try {
    return createSecureContext({
      ...(ca !== undefined && { ca }),
      ...(clientCertificate !== undefined && { cert: clientCertificate }),
      ...(clientKey !== undefined && { key: clientKey }),
    });
  } catch (error) {
    throw netError(error, { phase: 'tls' });
  }
}

/** Keeps the last `limit` contexts. */
export function createSecureContexts(limit = 1000): SecureContexts {
  const remembered = createRemembered<string | undefined, SecureContext>(limit);
  return {
    contextFor(identity) {
      const { ca, clientCertificate, clientKey } = identity;
      // Most have authorities alone, if that: found by their text as it is, they are not copied for each connection.
      const isAnonymous = clientCertificate === undefined && clientKey === undefined;
      const content = isAnonymous ? ca : JSON.stringify([ca, clientCertificate, clientKey]);
      return remembered(content, () => create(identity));
    },
  };
}
