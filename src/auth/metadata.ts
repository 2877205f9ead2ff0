import { isLoopbackHost } from '../model/loopback.ts';
import { type EndpointName, endpointNames, endpointWords, metadataMember } from './endpoint-names.ts';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';

/** An endpoint, or why there is none to use; the problem is a clause about the metadata. */
export type EndpointReading = URL | { readonly problem: string };

/** What an issuer says of itself. */
export interface IssuerMetadata {
  /** As the issuer spells itself, which audiences and `iss` (RFC 9207 section 2.4) must match to the letter. */
  readonly issuer: string;
  readonly endpoints: Readonly<Record<EndpointName, EndpointReading>>;
  /** Whether each redirect of the authorization endpoint carries `iss` (RFC 9207 section 3). */
  readonly promisesIss: boolean;
  /** Whether authorization requests are taken by pushing alone (RFC 9126 section 5). */
  readonly requiresPushed: boolean;
}

export interface MetadataOptions {
  /** Takes endpoints of plain `http:` beyond this host. */
  readonly allowHttp: boolean;
  /** Takes the endpoints that are for clients with a certificate, where there are any (RFC 8705 section 5). */
  readonly mutualTls: boolean;
}

/**
 * Reads authorization server metadata (RFC 8414 section 3.2, OpenID Connect Discovery 1.0 section 4.2). The issuer that
 * it names must be the one that was asked, compared as URLs: `https://a.example` and `https://a.example/` are the same.
 * A plain `http:` endpoint beyond this host is refused unless `allowHttp`: metadata must not weaken what was configured.
 * The problem of what is no metadata is a clause for a person.
 */
export function readMetadata(
  body: string,
  issuer: URL,
  { allowHttp, mutualTls }: MetadataOptions,
): IssuerMetadata | { readonly problem: string } {
  const metadata = parseJson(body);
  if (!isJsonObject(metadata)) return { problem: 'is not a JSON object' };
  const named = typeof metadata.issuer === 'string' ? URL.parse(metadata.issuer) : null;
  if (!named) return { problem: 'names no issuer' };
  if (named.href !== issuer.href) return { problem: `names another issuer, ${named.href}` };
  const aliases = mutualTls && isJsonObject(metadata.mtls_endpoint_aliases) ? metadata.mtls_endpoint_aliases : {};
  const members = { ...metadata, ...aliases };
  const readings = endpointNames.map((name) => [name, readEndpoint(members, name, allowHttp)] as const);
  return {
    issuer: String(metadata.issuer),
    endpoints: Object.fromEntries(readings) as IssuerMetadata['endpoints'],
    promisesIss: metadata.authorization_response_iss_parameter_supported === true,
    requiresPushed: metadata.require_pushed_authorization_requests === true,
  };
}

function readEndpoint(metadata: JsonObject, name: EndpointName, allowHttp: boolean): EndpointReading {
  const named = metadata[metadataMember(name)];
  const endpoint = typeof named === 'string' ? URL.parse(named) : null;
  const words = endpointWords(name);
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) return { problem: `names no ${words}` };
  if (endpoint.protocol === 'http:' && !isLoopbackHost(endpoint.hostname) && !allowHttp)
    return { problem: `names ${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words} of plain http, ${endpoint.href}` };
  return endpoint;
}
