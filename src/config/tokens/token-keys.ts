import type { ClientCertificate, DpopDefinition, SigningKey } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { readCertificates, unfoldPem } from '../../model/pem.ts';
import { algorithmsOf, describeKey, type PrivateKey, readPrivateKey } from '../../model/private-key.ts';
import { Secret } from '../../model/secret.ts';
import type { Path } from '../yaml/tree.ts';
import type { TokenValues } from './token-schema.ts';
import type { TokenSpot } from './token-spot.ts';

/** Keys of a token whose text is PEM or a JWK, or the path of a file that has it. */
export const keyTextPaths: readonly Path[] = [
  ['private_key'],
  ['client_certificate'],
  ['client_key'],
  ['ca'],
  ['dpop', 'key'],
];

/** The key at a path; undefined when it is none, which has been reported, or not known. */
function readKey(path: Path, text: string | undefined, spot: TokenSpot): PrivateKey | undefined {
  if (text === undefined || spot.isUnknown(path)) return undefined;
  const read = readPrivateKey(text);
  if ('key' in read) return read;
  spot.reportValue(path, read.fault);
  return undefined;
}

/** A key that JWTs can be signed with; one that cannot be has been reported. */
function readSigner(path: Path, text: string | undefined, spot: TokenSpot): PrivateKey | undefined {
  const read = readKey(path, text, spot);
  if (!read || algorithmsOf(read.key).length > 0) return read;
  const wanted = 'expected RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519';
  spot.reportValue(path, `is a key that no JWT can be signed with (${describeKey(read.key)}); ${wanted}`);
  return undefined;
}

/** PEM in the one form that all readers know (PKCS #8); a JWK as it is. */
function plainForm({ key, form }: PrivateKey, text: string): Secret {
  return new Secret(form === 'jwk' ? text : String(key.export({ type: 'pkcs8', format: 'pem' })));
}

/** The key that signs, held against its algorithm. What is wrong has been reported. */
export function readSigningKey(values: TokenValues, spot: TokenSpot): SigningKey | undefined {
  const { private_key: text, kid, signing_alg } = values;
  if (text === undefined) return undefined;
  const read = readSigner(['private_key'], text, spot);
  if (!read) return { key: new Secret(text) };
  const fitting = algorithmsOf(read.key);
  const algorithm = signing_alg ?? read.algorithm;
  if (algorithm !== undefined && !fitting.includes(algorithm)) {
    const path = signing_alg === undefined ? ['private_key'] : ['signing_alg'];
    const said = signing_alg === undefined ? `is a JWK for ${JSON.stringify(algorithm)}` : `is ${algorithm}`;
    spot.reportValue(path, `${said}, but the key is ${describeKey(read.key)}; expected ${fitting.join(', ')}`);
  }
  return compact({ key: plainForm(read, text), keyId: kid ?? read.keyId, algorithm });
}

/** The key that tokens are bound to. What is wrong has been reported. */
export function readDpop({ dpop }: TokenValues, spot: TokenSpot): DpopDefinition | undefined {
  if (dpop === false) return undefined;
  const { key: text, algorithm = 'ES256' } = dpop === true ? {} : dpop;
  if (text === undefined) return { algorithm };
  if (typeof dpop === 'object' && dpop.algorithm !== undefined)
    spot.reportKey(
      ['dpop', 'algorithm'],
      'is for a key that sonde makes; expected no algorithm beside a key of your own',
    );
  const read = readSigner(['dpop', 'key'], text, spot);
  return { key: read ? plainForm(read, text) : new Secret(text), algorithm };
}

/** The certificate that is shown in TLS, and its key. What is wrong has been reported. */
export function readClientCertificate(values: TokenValues, spot: TokenSpot): ClientCertificate | undefined {
  const { client_certificate: certificate, client_key: text } = values;
  const chain = readChain(['client_certificate'], certificate, spot);
  const read = readKey(['client_key'], text, spot);
  if (read?.form === 'jwk') spot.reportValue(['client_key'], 'is a JWK; expected PEM');
  if (certificate === undefined || text === undefined) return undefined;
  if (!chain || !read) return { certificate, key: new Secret(text) };
  if (!chain[0]?.checkPrivateKey(read.key))
    spot.reportValue(['client_key'], 'does not belong to client_certificate; expected the key of that certificate');
  return { certificate: unfoldPem(certificate), key: plainForm(read, text) };
}

/** The authorities that are trusted at the issuer. What is wrong has been reported. */
export function readAuthorities({ ca }: TokenValues, spot: TokenSpot): string | undefined {
  readChain(['ca'], ca, spot);
  return ca === undefined ? undefined : unfoldPem(ca);
}

function readChain(path: Path, text: string | undefined, spot: TokenSpot) {
  if (text === undefined || spot.isUnknown(path)) return undefined;
  const chain = readCertificates(text);
  if (chain && chain.length > 0) return chain;
  const fault = chain ? 'holds no certificate' : 'holds a certificate that cannot be read';
  spot.reportValue(path, `${fault}; expected PEM, with its line breaks`);
  return undefined;
}
