import { createTestAuthority, type TestCertificate } from '../support/certificates.ts';

/** What an issuer and an API need to speak TLS and to know clients by their certificates; all PEM text. */
export interface LabCertificates {
  /** Has signed `server` and `client`. */
  readonly authority: string;
  readonly server: TestCertificate;
  /** Of the clients with tls_client_auth: its subject is what the issuer knows them by. */
  readonly client: TestCertificate;
  /** Of the client with self_signed_tls_client_auth. */
  readonly selfSigned: TestCertificate;
}

/** Certificates for one lab, valid for `localhost` and the loopback addresses. */
export async function createLabCertificates(): Promise<LabCertificates> {
  const authority = await createTestAuthority('Lab Root');
  const stranger = await createTestAuthority('lab-self-signed');
  return {
    authority: authority.certificate,
    server: await authority.issue(),
    client: await authority.issue({ commonName: 'lab-tls', dnsNames: [], ipAddresses: [], isClient: true }),
    selfSigned: { certificate: stranger.certificate, key: stranger.key },
  };
}
