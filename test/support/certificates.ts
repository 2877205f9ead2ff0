import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;

/** A certificate and its key as PEM text. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface LeafOptions {
  readonly commonName?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** For a client, not a server. */
  readonly isClient?: boolean;
}

export interface TestAuthority extends TestCertificate {
  /** Issues a leaf; by default one for `localhost` and the loopback addresses that is valid today. */
  issue(options?: LeafOptions): Promise<TestCertificate>;
  /** Makes an authority whose own certificate this one signs. */
  issueAuthority(commonName: string): Promise<TestAuthority>;
}

interface Signer {
  readonly name: string;
  readonly key: webcrypto.CryptoKey;
}

let serial = 1;

const nextSerial = () => (serial++).toString(16).padStart(4, '0');

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function issueLeaf(signer: Signer, options: LeafOptions): Promise<TestCertificate> {
  const { commonName = 'localhost', dnsNames = ['localhost'], ipAddresses = ['127.0.0.1', '::1'] } = options;
  const keys = await newKeys();
  const purpose = options.isClient ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: nextSerial(),
    subject: `CN=${commonName}`,
    issuer: signer.name,
    notBefore: options.notBefore ?? new Date(Date.now() - dayMs),
    notAfter: options.notAfter ?? new Date(Date.now() + 30 * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([purpose]),
      new SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns', value }) as const),
        ...ipAddresses.map((value) => ({ type: 'ip', value }) as const),
      ]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pem(keys.privateKey) };
}

async function createAuthority(commonName: string, parent?: Signer): Promise<TestAuthority> {
  const keys = await newKeys();
  const name = `O=Test, CN=${commonName}`;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: nextSerial(),
    subject: name,
    issuer: parent?.name ?? name,
    notBefore: new Date(Date.now() - 365 * dayMs),
    notAfter: new Date(Date.now() + 365 * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: parent?.key ?? keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const signer = { name, key: keys.privateKey };
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: await pem(keys.privateKey),
    issue: (options = {}) => issueLeaf(signer, options),
    issueAuthority: (childName) => createAuthority(childName, signer),
  };
}

/** A certificate authority that signs itself, for one test file. */
export const createTestAuthority = (commonName = 'Test Root') => createAuthority(commonName);

/** A moment relative to today, for certificates whose validity is over or has not begun. */
export const daysFromNow = (days: number) => new Date(Date.now() + days * dayMs);
