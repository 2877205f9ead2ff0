import { isLoopbackHost } from '../../model/loopback.ts';
import { headerNameFault } from '../../probes/http-header.ts';
import { endpointKeys, type TokenValues } from './token-schema.ts';
import type { TokenSpot } from './token-spot.ts';

/** Reports endpoints that secrets would be sent to in plain text. */
export function checkEndpoints(values: TokenValues, { reportValue }: TokenSpot): void {
  if (values.allow_http) return;
  for (const key of ['issuer', ...endpointKeys] as const) {
    const url = URL.parse(values[key] ?? '');
    if (url?.protocol === 'http:' && !isLoopbackHost(url.hostname))
      reportValue([key], 'would send secrets over plain http; expected https, or "allow_http: true" on the token');
  }
}

/** Reports a question that is to be asked where there is nobody to ask. */
export function checkQuestions({ introspect, login }: TokenValues, { has, reportValue }: TokenSpot): void {
  if (introspect && !has('issuer') && !has('introspection_endpoint'))
    reportValue(['introspect'], 'is true, but there is no issuer or introspection_endpoint; expected one');
  if (login?.pushed && !has('issuer') && !has('pushed_authorization_request_endpoint'))
    reportValue(
      ['login', 'pushed'],
      'is true, but there is no issuer or pushed_authorization_request_endpoint; expected one',
    );
}

/** Headers that a client may set elsewhere, but that carry no credential to a target. */
const forProxies = /^(host|proxy-.*)$/i;

/** Reports a way to send the credential that there is not. */
export function checkPresentation(
  { present = {}, dpop }: TokenValues,
  { has, reportKey, reportValue }: TokenSpot,
): void {
  const { header = 'authorization', client_certificate } = present;
  const fault = forProxies.test(header) ? 'this header is not for credentials of a target' : headerNameFault(header);
  if (fault !== undefined)
    reportValue(['present', 'header'], `cannot be used: ${fault}; expected one that may carry a credential`);
  if (present.header !== undefined && dpop !== false)
    reportKey(['present', 'header'], 'has no use with dpop, which has the header Authorization; expected one of them');
  if (client_certificate !== undefined && !has('client_certificate'))
    reportKey(['present', 'client_certificate'], 'has no use without a client_certificate; expected one');
}
