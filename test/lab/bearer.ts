import { createProofJudge } from './dpop-proof.ts';

/** What the issuer says of a token (RFC 7662 section 2.2). */
export interface Introspection {
  readonly active: boolean;
  /** Scopes, separated by spaces. */
  readonly scope?: string;
  /** What it is bound to (RFC 7800): a key (RFC 9449 section 6) or a certificate (RFC 8705 section 3). */
  readonly cnf?: { readonly jkt?: string; readonly 'x5t#S256'?: string };
}

/** What a request shows to be let in. */
export interface Shown {
  readonly method: string;
  readonly url: URL;
  /** The headers `Authorization` and `DPoP`. */
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
  /** SHA-256 of the certificate in TLS, as base64url. */
  readonly certificateHash?: string;
}

/** How a request without the right token is answered (RFC 6750 section 3). */
export interface Refusal {
  readonly status: 400 | 401 | 403;
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
  /** For the body. */
  readonly message: string;
  /** The value of `DPoP-Nonce`. */
  readonly nonce?: string;
}

type Scheme = 'Bearer' | 'DPoP';

type RefusalCode = 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce';

interface RefusalDetails {
  readonly scope?: string;
  readonly scheme?: Scheme;
  readonly nonce?: string;
}

/** A challenge with an error code of RFC 6750 section 3.1 or RFC 9449 section 7.1. */
export function refuse(
  status: Refusal['status'],
  error: RefusalCode,
  message: string,
  { scope, scheme = 'Bearer', nonce }: RefusalDetails = {},
): Refusal {
  const parts = [`error="${error}"`, `error_description="${message}"`];
  if (scope) parts.push(`scope="${scope}"`);
  if (scheme === 'DPoP') parts.push('algs="ES256 EdDSA"');
  const challenge = `${scheme} realm="lab", ${parts.join(', ')}`;
  return { status, challenge, message, ...(nonce === undefined ? {} : { nonce }) };
}

/** A request that shows no credentials gets a challenge without an error code (RFC 6750 section 3.1). */
const unasked: Refusal = { status: 401, challenge: 'Bearer realm="lab"', message: 'This route needs a bearer token.' };

interface Credentials {
  readonly scheme: Scheme;
  readonly token: string;
}

/** What an `Authorization` header carries (RFC 6750 section 2.1, RFC 9449 section 7.1); undefined when no token. */
export function credentialsOf(header: string | undefined): Credentials | undefined {
  const [, scheme = '', token] = header?.match(/^(Bearer|DPoP) +([A-Za-z0-9\-._~+/]+=*) *$/i) ?? [];
  return token === undefined ? undefined : { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}

export interface GateOptions {
  readonly introspect: (token: string) => Promise<Introspection>;
  /** The nonce that proofs have to carry at this moment; undefined where none is asked for. */
  readonly nonce: () => string | undefined;
}

/** Lets a request in, or says how it is refused. */
export type Gate = (shown: Shown, scopes: readonly string[]) => Promise<Refusal | 'admitted'>;

export function createGate({ introspect, nonce }: GateOptions): Gate {
  const judge = createProofJudge();

  /** Holds the token to what it is bound to; undefined when that is there. */
  async function holderProblem(
    { method, url, proof, certificateHash }: Shown,
    { scheme, token }: Credentials,
    { jkt, 'x5t#S256': hash }: NonNullable<Introspection['cnf']> = {},
  ): Promise<Refusal | undefined> {
    if (hash !== undefined && hash !== certificateHash)
      return refuse(401, 'invalid_token', 'The access token is bound to another certificate.');
    if ((jkt === undefined) !== (scheme === 'Bearer'))
      return refuse(401, 'invalid_token', 'The access token is of another type.', { scheme });
    if (jkt === undefined) return undefined;
    const wanted = nonce();
    const demand = { method, url, token, thumbprint: jkt, ...(wanted === undefined ? {} : { nonce: wanted }) };
    const judgement = await judge(proof ?? '', demand);
    if (judgement === 'good') return undefined;
    if ('nonce' in judgement)
      return refuse(401, 'use_dpop_nonce', 'The proof has to carry a nonce.', { scheme, nonce: judgement.nonce });
    const problem = judgement.problem.replaceAll('"', "'");
    return refuse(401, 'invalid_dpop_proof', `The proof is refused: ${problem}.`, { scheme });
  }

  return async (shown, scopes) => {
    if (shown.authorization === undefined) return unasked;
    const credentials = credentialsOf(shown.authorization);
    if (!credentials) return refuse(400, 'invalid_request', 'The Authorization header is no bearer token.');
    const { scheme, token } = credentials;
    const known = await introspect(token);
    if (!known.active)
      return refuse(401, 'invalid_token', 'The access token is expired, revoked, malformed or unknown.', { scheme });
    const problem = await holderProblem(shown, credentials, known.cnf);
    if (problem) return problem;
    const granted = new Set(known.scope?.split(' '));
    if (scopes.every((scope) => granted.has(scope))) return 'admitted';
    const asked = { scope: scopes.join(' '), scheme };
    return refuse(403, 'insufficient_scope', 'The access token lacks a scope of this route.', asked);
  };
}
