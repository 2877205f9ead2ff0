import { isJsonObject, type JsonObject, parseJson } from './json.ts';

/** The claims of a token that is a signed JWT, unverified; undefined for an opaque token. */
export function jwtPayload(token: string): JsonObject | undefined {
  const encoded = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1];
  if (encoded === undefined) return undefined;
  const payload = parseJson(Buffer.from(encoded, 'base64url').toString('utf8'));
  return isJsonObject(payload) ? payload : undefined;
}
