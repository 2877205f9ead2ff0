import type { Certificate, DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateFacts, TlsFacts } from '../model/observation.ts';
import { createRemembered } from './remembered.ts';

/** A distinguished name in one line: `O=Example, CN=Example Root`. */
function distinguishedName(name: Certificate): string {
  return Object.entries(name)
    .flatMap(([attribute, values]) => [values].flat().map((value) => `${attribute}=${value}`))
    .join(', ');
}

function certificateFacts(certificate: DetailedPeerCertificate): CertificateFacts {
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    notBeforeMs: Date.parse(certificate.valid_from),
    notAfterMs: Date.parse(certificate.valid_to),
    fingerprint: certificate.fingerprint256,
  };
}

/** By fingerprint: a target shows the same ones in each handshake, and the results of its runs share what was read. */
const remembered = createRemembered<string, CertificateFacts>(1_000);

/** What a handshake settled, and the peer's certificates up to the authority that is trusted, as far as it is known. */
export function tlsFactsOf(socket: TLSSocket, leaf: DetailedPeerCertificate): TlsFacts {
  const chain: CertificateFacts[] = [];
  let certificate: DetailedPeerCertificate | undefined = leaf;
  while (certificate) {
    const shown: DetailedPeerCertificate = certificate;
    chain.push(remembered(shown.fingerprint256, () => certificateFacts(shown)));
    const { issuerCertificate } = shown;
    // An authority that signed itself is its own issuer.
    certificate = issuerCertificate === shown ? undefined : issuerCertificate;
  }
  return { protocol: String(socket.getProtocol()), cipher: socket.getCipher().standardName, chain };
}
