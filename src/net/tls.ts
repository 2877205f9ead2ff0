import { isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { TlsFacts } from '../model/observation.ts';
import { abortable } from './abortable.ts';
import { NetError } from './failure.ts';
import { tlsFactsOf } from './tls-facts.ts';

export interface SecureOptions {
  /** The name asked for (SNI) and held against the certificate; an IP address is only held against it. */
  readonly name: string;
  readonly context: SecureContext;
  /** Ends the handshake when aborted; it then rejects with the signal's reason. The socket is the caller's to destroy. */
  readonly signal: AbortSignal;
  /** Called when the handshake has begun. */
  began?(): void;
}

export interface Secured {
  readonly socket: TLSSocket;
  readonly facts: TlsFacts;
}

/**
 * Makes a full TLS handshake over a connected socket, for HTTP/1.1. Rejects with Node's error, or with a `NetError`
 * that has the peer's certificates as evidence when they are not to be trusted.
 */
export function secure(socket: Socket, { name, context, signal, began }: SecureOptions): Promise<Secured> {
  const host = name.replace(/\.$/, '');
  return abortable(signal, (resolve, reject) => {
    let leaf: DetailedPeerCertificate | undefined;
    let mismatch: Error | undefined;
    const secured = connect({
      socket,
      host,
      // An IP address must not stand in SNI (RFC 6066 section 3).
      ...(isIP(host) === 0 && { servername: host }),
      secureContext: context,
      ALPNProtocols: ['http/1.1'],
      // Untrusted peers are refused below, when their certificates have been read as evidence.
      rejectUnauthorized: false,
      checkServerIdentity: (asked, certificate) => {
        // Node hands over the whole chain here; to read it from the socket again would cost a tenth of the handshake.
        leaf = certificate as DetailedPeerCertificate;
        mismatch = checkServerIdentity(asked, certificate);
        return mismatch;
      },
    });
    began?.();
    // Stays for the life of the socket: a peer can break it at any time, and an error nobody hears ends the process.
    secured.on('error', reject);
    secured.once('secureConnect', () => {
      const facts = tlsFactsOf(secured, leaf ?? secured.getPeerCertificate(true));
      if (secured.authorized) return resolve({ socket: secured, facts });
      const code = String(secured.authorizationError);
      const message = mismatch?.message ?? `TLS: ${code.toLowerCase().replaceAll('_', ' ')}`;
      reject(new NetError(code, message, { tls: facts }));
    });
    return () => {};
  });
}
