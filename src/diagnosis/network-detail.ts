import type { CauseCode } from '../model/cause.ts';
import type { Failure } from '../model/observation.ts';
import { unsendableCodes } from './network-cause.ts';
import { quote } from './quote.ts';

/** Host and port of an address as people write it; the text itself when it is no URL. */
function authorityOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : quote(url);
}

/** A server of time that answers so keeps to the protocol, and cannot be believed or wants not to be asked. */
const noTimeCodes: ReadonlySet<string> = new Set(['NTP_NOT_SYNCHRONISED', 'NTP_KISS_OF_DEATH']);

/**
 * One sentence on how the network failed. `party` says who was asked, unless a proxy before it did it: `the target`;
 * `url` adds the address, where one is known.
 */
export function networkDetail(cause: CauseCode, failure: Failure, party: string, url?: string): string {
  const asked = url === undefined ? party : `${party} ${authorityOf(url)}`;
  const who = failure.proxy === undefined ? asked : `the proxy ${failure.proxy}`;
  const said = failure.message === '' ? failure.code : quote(failure.message);
  switch (cause) {
    case 'dns_failure':
      return `no address was found for ${who}: ${said}`;
    case 'connect_refused':
      return `the connection to ${who} was refused: ${said}`;
    case 'connect_timeout':
      return failure.proxy === undefined
        ? `the connection to ${who} was not made in time: ${said}`
        : `${who} opened no way to ${asked} in time: ${said}`;
    case 'network_unreachable':
      return failure.code === 'PROXY_REFUSED'
        ? `${who} opened no way to ${asked}: ${said}`
        : `this host has no way to ${who}: ${said}`;
    case 'unauthorized':
      return `${who} wants valid credentials: ${said}`;
    case 'tls_expired':
      return failure.code === 'CERT_NOT_YET_VALID'
        ? `the certificate of ${who} is not valid yet`
        : `the certificate of ${who} has expired`;
    case 'tls_untrusted':
      return `the certificate of ${who} is not trusted: ${said}`;
    case 'tls_name_mismatch':
      return `the certificate of ${who} is for another name: ${said}`;
    case 'tls_handshake':
      return `the TLS handshake with ${who} failed: ${said}`;
    case 'timeout':
      return `the time for ${who} ran out in the phase ${failure.phase}: ${said}`;
    case 'connection_reset':
      return `the connection to ${who} broke in the phase ${failure.phase}: ${said}`;
    case 'body_too_large':
      return `the body of ${who} is too large: ${said}`;
    case 'shutdown':
      return 'the run was stopped before it ended';
    case 'internal':
      if (failure.code === 'CLOCK_STEPPED') return said;
      return unsendableCodes.has(failure.code)
        ? `the request cannot be sent as it stands: ${said}`
        : `this host is at a limit of its own: ${said}`;
    default:
      if (noTimeCodes.has(failure.code)) return `${who} gave no time to go by: ${said}`;
      return `${who} did not keep to the protocol: ${said}`;
  }
}
