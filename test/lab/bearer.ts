/** What the issuer says of a token (RFC 7662 section 2.2). */
export interface Introspection {
  readonly active: boolean;
  /** Scopes, separated by spaces. */
  readonly scope?: string;
  /** What it is bound to (RFC 7800): a key (RFC 9449 section 6) or a certificate (RFC 8705 section 3). */
  readonly cnf?: { readonly jkt?: string; readonly 'x5t#S256'?: string };
}

/** How a request without the right token is answered (RFC 6750 section 3). */
export interface Refusal {
  readonly status: 400 | 401 | 403;
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
  /** For the body. */
  readonly message: string;
}

const realm = 'Bearer realm="lab"';

/** A challenge with an error code of RFC 6750 section 3.1. */
export function refuse(
  status: Refusal['status'],
  error: 'invalid_request' | 'invalid_token' | 'insufficient_scope',
  message: string,
  scope?: string,
): Refusal {
  const asked = scope ? `, scope="${scope}"` : '';
  return { status, challenge: `${realm}, error="${error}", error_description="${message}"${asked}`, message };
}

/** A request that shows no credentials gets a challenge without an error code (RFC 6750 section 3.1). */
const unasked: Refusal = { status: 401, challenge: realm, message: 'This route needs a bearer token.' };

/** The token of an `Authorization` header; undefined when it carries none (RFC 6750 section 2.1). */
export function bearerOf(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i)?.[1];
}

/** Lets a request in, or says how it is refused. */
export async function admit(
  header: string | undefined,
  scopes: readonly string[],
  introspect: (token: string) => Promise<Introspection>,
): Promise<Refusal | 'admitted'> {
  if (header === undefined) return unasked;
  const token = bearerOf(header);
  if (token === undefined) return refuse(400, 'invalid_request', 'The Authorization header is no bearer token.');
  const known = await introspect(token);
  if (!known.active) return refuse(401, 'invalid_token', 'The access token is expired, revoked, malformed or unknown.');
  const granted = new Set(known.scope?.split(' '));
  if (scopes.every((scope) => granted.has(scope))) return 'admitted';
  return refuse(403, 'insufficient_scope', 'The access token lacks a scope of this route.', scopes.join(' '));
}
