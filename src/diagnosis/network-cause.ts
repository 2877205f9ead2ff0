import type { CauseCode } from '../model/cause.ts';
import type { Failure } from '../model/observation.ts';

/** The request itself is not one that can be sent, which is neither the network's fault nor the target's. */
export const unsendableCodes: ReadonlySet<string> = new Set([
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'PROXY_UNSUPPORTED',
]);

/** Codes that mean the same in whichever phase they come. */
const causeByCode: ReadonlyMap<string, CauseCode> = new Map<string, CauseCode>([
  ['CANCELLED', 'shutdown'],
  ['BODY_TOO_LARGE', 'body_too_large'],

  ['ECONNREFUSED', 'connect_refused'],

  ['EHOSTUNREACH', 'network_unreachable'],
  ['ENETUNREACH', 'network_unreachable'],
  ['EHOSTDOWN', 'network_unreachable'],
  ['ENETDOWN', 'network_unreachable'],
  ['EADDRNOTAVAIL', 'network_unreachable'],
  ['EAFNOSUPPORT', 'network_unreachable'],
  // A packet filter on this host says these two.
  ['EPERM', 'network_unreachable'],
  ['EACCES', 'network_unreachable'],

  // The proxy is there, and leads nowhere: whether the target is up, nobody knows.
  ['PROXY_REFUSED', 'network_unreachable'],
  ['PROXY_UNAUTHORIZED', 'unauthorized'],

  ['ECONNRESET', 'connection_reset'],
  ['ECONNABORTED', 'connection_reset'],
  ['EPIPE', 'connection_reset'],
  ['ENOTCONN', 'connection_reset'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'connection_reset'],

  // This host is at a limit of its own; the target was not asked.
  ['EMFILE', 'internal'],
  ['ENFILE', 'internal'],
  ['ENOMEM', 'internal'],
  ['ENOBUFS', 'internal'],
  ['CLOCK_STEPPED', 'internal'],

  ...Array.from(unsendableCodes, (code): [string, CauseCode] => [code, 'internal']),

  ['CERT_HAS_EXPIRED', 'tls_expired'],
  ['CERT_NOT_YET_VALID', 'tls_expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_name_mismatch'],
  ['HOSTNAME_MISMATCH', 'tls_name_mismatch'],
  // The rest are OpenSSL's names for a chain that does not verify.
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls_untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_untrusted'],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'tls_untrusted'],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'tls_untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'tls_untrusted'],
  ['CERT_CHAIN_TOO_LONG', 'tls_untrusted'],
  ['CERT_REVOKED', 'tls_untrusted'],
  ['CERT_UNTRUSTED', 'tls_untrusted'],
  ['CERT_REJECTED', 'tls_untrusted'],
  ['INVALID_CA', 'tls_untrusted'],
  ['INVALID_PURPOSE', 'tls_untrusted'],
  ['PATH_LENGTH_EXCEEDED', 'tls_untrusted'],
]);

const timeoutCodes: ReadonlySet<string> = new Set(['TIMEOUT', 'ETIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT']);

const handshakeCode = /^(ERR_SSL_|ERR_TLS_)/;

/**
 * The cause behind the network's own word, which is read in the light of the phase: `ECONNREFUSED` while resolving is
 * the resolver's refusal, `ECONNRESET` within the handshake is a handshake that failed. A code that is not known is a
 * `protocol_error`.
 */
export function networkCause({ code, phase }: Failure): CauseCode {
  if (timeoutCodes.has(code)) return phase === 'connect' ? 'connect_timeout' : 'timeout';

  const known = causeByCode.get(code);
  if (phase === 'resolve') return known === 'shutdown' || known === 'internal' ? known : 'dns_failure';
  if (phase === 'tls' && (!known || known === 'connection_reset')) return 'tls_handshake';
  if (known) return known;
  // TLS 1.3 lets the client finish before the server judges its certificate: the alert comes when the answer is due.
  return handshakeCode.test(code) && phase !== 'transfer' ? 'tls_handshake' : 'protocol_error';
}
