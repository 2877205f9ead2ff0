import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto';
import { compact } from './compact.ts';
import { unfoldPem } from './pem.ts';

/** A private key, and what a JWK says of itself. */
export interface PrivateKey {
  readonly key: KeyObject;
  readonly form: 'pem' | 'jwk';
  readonly keyId?: string;
  /** JWS algorithm. */
  readonly algorithm?: string;
}

/** Why a text is no key; a clause about the text, then what is expected. Holds nothing of the text. */
export interface KeyFault {
  readonly fault: string;
}

const expectedKey = 'expected a private key: PEM (PKCS #8) or a JWK';

/** JWS algorithms that sonde signs with (RFC 7518 section 3.1, RFC 9864). */
export const signingAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

/** By OpenSSL's name of a curve. */
const curveAlgorithms: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** RFC 7518 section 3.3. */
const shortestRsaBits = 2048;

/** The JWS algorithms that a key can sign with, the usual one first; none for a key that cannot sign a JWT. */
export function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): readonly string[] {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails;
  if (asymmetricKeyType === 'rsa')
    return modulusLength < shortestRsaBits ? [] : signingAlgorithms.filter((name) => /^[RP]S/.test(name));
  if (asymmetricKeyType === 'ed25519') return ['EdDSA', 'Ed25519'];
  const byCurve = asymmetricKeyType === 'ec' ? curveAlgorithms[namedCurve] : undefined;
  return byCurve === undefined ? [] : [byCurve];
}

/** What a key is, in words: `rsa 1024 bits`, `ec secp256k1`. */
export function describeKey({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string {
  const { modulusLength, namedCurve } = asymmetricKeyDetails;
  return [asymmetricKeyType, namedCurve, modulusLength && `${modulusLength} bits`].filter(Boolean).join(' ');
}

/** Reads a private key that is PEM, with its line breaks or with `\n` in their place, or a JWK (RFC 7517). */
export function readPrivateKey(text: string): PrivateKey | KeyFault {
  const trimmed = text.trim();
  return trimmed.startsWith('{') ? readJwk(trimmed) : readPem(unfoldPem(trimmed));
}

function readPem(text: string): PrivateKey | KeyFault {
  const [block] = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----/s.exec(text) ?? [];
  if (block === undefined) {
    const [, label] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
    if (label === undefined) return { fault: `is neither PEM nor a JWK; ${expectedKey}` };
    if (label.endsWith('PRIVATE KEY')) return { fault: `is cut short; ${expectedKey}` };
    return { fault: `is a ${label.toLowerCase()}, which is not secret; ${expectedKey}` };
  }
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(block))
    return { fault: `is encrypted; ${expectedKey} without a passphrase` };
  const key = parse(block);
  return key ? { key, form: 'pem' } : { fault: `is damaged PEM; ${expectedKey}, with its line breaks` };
}

function readJwk(text: string): PrivateKey | KeyFault {
  const jwk = parseObject(text);
  if (!jwk) return { fault: `begins like a JWK, but is no JSON; ${expectedKey}` };
  if ('keys' in jwk) return { fault: 'is a set of JWKs; expected one of them' };
  if (jwk.kty === 'oct')
    return { fault: 'is a JWK of the type oct, which is a shared secret; expected RSA, EC or OKP' };
  if (jwk.d === undefined) return { fault: 'is a JWK of a public key, which is not secret; expected one with "d"' };
  const key = parse({ key: jwk, format: 'jwk' });
  if (!key) return { fault: `is a JWK that cannot be read; ${expectedKey}` };
  return compact({ key, form: 'jwk' as const, keyId: textOf(jwk.kid), algorithm: textOf(jwk.alg) });
}

function parse(input: string | PrivateKeyInput | { key: JsonObject; format: 'jwk' }): KeyObject | undefined {
  try {
    return createPrivateKey(input);
  } catch {
    return undefined;
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
