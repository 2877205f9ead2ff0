import { isLoopbackHost } from '../model/loopback.ts';
import { isJsonObject, parseJson } from './json.ts';

/** What an issuer's metadata says, or why it is none; the problem is a clause for a person. */
export type MetadataReading = { readonly tokenEndpoint: URL } | { readonly problem: string };

/**
 * Reads authorization server metadata (RFC 8414 section 3.2, OpenID Connect Discovery 1.0 section 4.2). The issuer that
 * it names must be the one that was asked, compared as URLs: `https://a.example` and `https://a.example/` are the same.
 * A plain `http:` endpoint beyond this host is refused unless `allowHttp`: metadata must not weaken what was configured.
 */
export function readMetadata(body: string, issuer: URL, allowHttp: boolean): MetadataReading {
  const metadata = parseJson(body);
  if (!isJsonObject(metadata)) return { problem: 'is not a JSON object' };
  const named = typeof metadata.issuer === 'string' ? URL.parse(metadata.issuer) : null;
  if (!named) return { problem: 'names no issuer' };
  if (named.href !== issuer.href) return { problem: `names another issuer, ${named.href}` };
  const endpoint = typeof metadata.token_endpoint === 'string' ? URL.parse(metadata.token_endpoint) : null;
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) return { problem: 'names no token endpoint' };
  if (endpoint.protocol === 'http:' && !isLoopbackHost(endpoint.hostname) && !allowHttp)
    return { problem: `names a token endpoint of plain http, ${endpoint.href}` };
  return { tokenEndpoint: endpoint };
}
