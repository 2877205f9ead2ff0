import { createSecureContext, type SecureContext } from 'node:tls';
import { netError } from './failure.ts';

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

/** Keeps `limit` contexts, so that years of renewed certificates do not pile up. */
export function createSecureContexts(limit = 1000): SecureContexts {
  const contexts = new Map<string, SecureContext>();
  return {
    contextFor(identity) {
      const content = JSON.stringify([identity.ca, identity.clientCertificate, identity.clientKey]);
      const known = contexts.get(content);
      if (known) return known;
      const context = create(identity);
      contexts.set(content, context);
      for (const oldest of contexts.keys()) {
        if (contexts.size <= limit) break;
        contexts.delete(oldest);
      }
      return context;
    },
  };
}
