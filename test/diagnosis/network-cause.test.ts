import { describe, expect, it } from 'vitest';
import { networkCause } from '../../src/diagnosis/network-cause.ts';
import type { CauseCode } from '../../src/model/cause.ts';
import type { PhaseName } from '../../src/model/observation.ts';

const table: readonly [PhaseName, string, CauseCode][] = [
  ['resolve', 'ENOTFOUND', 'dns_failure'],
  ['resolve', 'ENODATA', 'dns_failure'],
  ['resolve', 'ESERVFAIL', 'dns_failure'],
  ['resolve', 'EAI_AGAIN', 'dns_failure'],
  ['resolve', 'ETIMEOUT', 'dns_failure'],
  ['resolve', 'ECONNREFUSED', 'dns_failure'],
  ['resolve', 'EMFILE', 'internal'],
  ['resolve', 'CANCELLED', 'shutdown'],
  ['resolve', 'TIMEOUT', 'timeout'],
  ['connect', 'TIMEOUT', 'connect_timeout'],
  ['connect', 'ETIMEDOUT', 'connect_timeout'],
  ['connect', 'ECONNREFUSED', 'connect_refused'],
  ['connect', 'EHOSTUNREACH', 'network_unreachable'],
  ['connect', 'ENETUNREACH', 'network_unreachable'],
  ['connect', 'EADDRNOTAVAIL', 'network_unreachable'],
  ['connect', 'EPERM', 'network_unreachable'],
  ['connect', 'EMFILE', 'internal'],
  ['connect', 'PROXY_REFUSED', 'network_unreachable'],
  ['connect', 'PROXY_UNAUTHORIZED', 'unauthorized'],
  ['connect', 'PROXY_UNSUPPORTED', 'internal'],
  ['connect', 'ECONNRESET', 'connection_reset'],
  ['tls', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_untrusted'],
  ['tls', 'SELF_SIGNED_CERT_IN_CHAIN', 'tls_untrusted'],
  ['tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_untrusted'],
  ['tls', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_untrusted'],
  ['tls', 'CERT_HAS_EXPIRED', 'tls_expired'],
  ['tls', 'CERT_NOT_YET_VALID', 'tls_expired'],
  ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID', 'tls_name_mismatch'],
  ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 'tls_handshake'],
  ['tls', 'EPROTO', 'tls_handshake'],
  ['tls', 'ECONNRESET', 'tls_handshake'],
  ['tls', 'TIMEOUT', 'timeout'],
  ['request', 'EPIPE', 'connection_reset'],
  ['request', 'ERR_INVALID_CHAR', 'internal'],
  ['request', 'ERR_INVALID_HTTP_TOKEN', 'internal'],
  ['wait', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls_handshake'],
  ['wait', 'NTP_NOT_SYNCHRONISED', 'protocol_error'],
  ['wait', 'NTP_BAD_REPLY', 'protocol_error'],
  ['wait', 'NTP_KISS_OF_DEATH', 'protocol_error'],
  ['wait', 'CLOCK_STEPPED', 'internal'],
  ['wait', 'TIMEOUT', 'timeout'],
  ['wait', 'ETIMEDOUT', 'timeout'],
  ['wait', 'ECONNRESET', 'connection_reset'],
  ['wait', 'HPE_INVALID_CONSTANT', 'protocol_error'],
  ['wait', 'CANCELLED', 'shutdown'],
  ['transfer', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'protocol_error'],
  ['transfer', 'BODY_TOO_LARGE', 'body_too_large'],
  ['transfer', 'DECOMPRESSION_FAILED', 'protocol_error'],
  ['transfer', 'TOO_MANY_REDIRECTS', 'protocol_error'],
  ['transfer', 'BAD_REDIRECT', 'protocol_error'],
  ['transfer', 'a code of tomorrow', 'protocol_error'],
];

describe('networkCause', () => {
  it.each(table)('in the phase %s makes %s a %s', (phase, code, cause) => {
    expect(networkCause({ phase, code, message: '' })).toBe(cause);
  });
});
