import { isLoopbackHost } from '../../model/loopback.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import { type EndpointName, endpointNames, endpointWords, metadataMember } from './endpoint-names.ts';

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
  /** Takes endpoints of plain `http:` also where not both they and the issuer are on this host. */
  readonly allowHttp: boolean;
  /** Takes the endpoints that are for clients with a certificate, where there are any (RFC 8705 section 5). */
  readonly mutualTls: boolean;
}

/**
 * Reads authorization server metadata (RFC 8414 section 3.2, OpenID Connect Discovery 1.0 section 4.2). The issuer that
 * it names must be the one that was asked, compared as URLs: `https://a.example` and `https://a.example/` are the same.
 * A plain `http:` endpoint is refused unless `allowHttp`, or both it and the issuer are on this host: metadata must not
 * weaken what was configured, nor lead to what else listens here. So are user info and fragments (RFC 6749 sections 3.1
 * and 3.2). The problem of what is no metadata is a clause for a person.
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
  const mayBePlain = (endpoint: URL) =>
    allowHttp || (isLoopbackHost(endpoint.hostname) && isLoopbackHost(issuer.hostname));
  const readings = endpointNames.map((name) => [name, readEndpoint(members, name, mayBePlain)] as const);
  return {
    issuer: String(metadata.issuer),
    endpoints: Object.fromEntries(readings) as IssuerMetadata['endpoints'],
    promisesIss: metadata.authorization_response_iss_parameter_supported === true,
    requiresPushed: metadata.require_pushed_authorization_requests === true,
  };
}

function readEndpoint(
  metadata: JsonObject,
  name: EndpointName,
  mayBePlain: (endpoint: URL) => boolean,
): EndpointReading {
  const named = metadata[metadataMember(name)];
  const endpoint = typeof named === 'string' ? URL.parse(named) : null;
  const words = endpointWords(name);
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) return { problem: `names no ${words}` };
  const fault = faultOf(endpoint, mayBePlain);
  return fault === undefined ? endpoint : { problem: `names ${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words} ${fault}` };
}

function faultOf(endpoint: URL, mayBePlain: (endpoint: URL) => boolean): string | undefined {
  if (endpoint.username !== '' || endpoint.password !== '') return 'with user info';
  // The URL standard keeps the sign of an empty fragment in the text alone.
  if (endpoint.href.includes('#')) return 'with a fragment';
  if (endpoint.protocol === 'http:' && !mayBePlain(endpoint)) return `of plain http, ${endpoint.href}`;
  return undefined;
}
