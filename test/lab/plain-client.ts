import { createHash, type JsonWebKey, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { calculateJwkThumbprint, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { TestCertificate } from '../support/certificates.ts';

/** A client without sonde in it, so that the lab itself is known to work. */

const jwkOf = (key: JsonWebKey): JWK => ({ ...key, kty: key.kty ?? '' });

interface AssertionOptions {
  readonly client: string;
  readonly audience: string;
  /** In seconds, added to each time in it. */
  readonly ahead?: number;
  readonly claims?: JWTPayload;
}

/** A JWT that says who the client is (RFC 7523): signed with its key, or with its secret. */
export async function signAssertion(
  key: JsonWebKey | string,
  { client, audience, ahead = 0, claims = {} }: AssertionOptions,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000) + ahead;
  const times = { iat: now, nbf: now, exp: now + 60 };
  const payload = { iss: client, sub: client, aud: audience, jti: randomUUID(), ...times, ...claims };
  if (typeof key === 'string')
    return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key));
  const { alg = 'ES256', kid } = jwkOf(key);
  return new SignJWT(payload)
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(await importJWK(jwkOf(key), alg));
}

export const clientAssertion = (assertion: string) => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
});

export interface ProofOptions {
  readonly method: string;
  readonly url: string;
  readonly token?: string;
  readonly nonce?: string;
  /** Over what would be right. */
  readonly claims?: JWTPayload;
}

/** A DPoP proof (RFC 9449 section 4.2). */
export async function signProof(
  key: JsonWebKey,
  { method, url, token, nonce, claims = {} }: ProofOptions,
): Promise<string> {
  const { d: _secret, ...open } = jwkOf(key);
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
  const iat = Math.floor(Date.now() / 1000);
  const payload = { htm: method, htu: url, jti: randomUUID(), iat, ...ath, ...(nonce && { nonce }), ...claims };
  return new SignJWT(payload)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: open })
    .sign(await importJWK(jwkOf(key), 'ES256'));
}

export const thumbprintOf = (key: JsonWebKey) => calculateJwkThumbprint(jwkOf(key));

export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** JSON, or the text where it is none. */
  readonly body: Record<string, unknown>;
}

interface TlsOptions {
  readonly authority: string;
  readonly shown?: TestCertificate;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/** One request over TLS, with a client certificate or without. */
export function askOverTls(url: string, { authority, shown, headers, form }: TlsOptions): Promise<PlainAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>();
  const asked = request(
    url,
    {
      method: form ? 'POST' : 'GET',
      agent: false,
      ca: authority,
      ...(shown ? { cert: shown.certificate, key: shown.key } : {}),
      headers: { ...headers, ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
    },
    async (answer) =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: JSON.parse(await text(answer)) }),
  );
  asked.on('error', reject);
  asked.end(form && new URLSearchParams(form).toString());
  return promise;
}

/** One token request; the body is form-encoded. */
export async function askForToken(
  endpoint: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<PlainAnswer> {
  const response = await fetch(endpoint, { method: 'POST', headers, body: new URLSearchParams(form) });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: (await response.json()) as Record<string, unknown>,
  };
}

export const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
