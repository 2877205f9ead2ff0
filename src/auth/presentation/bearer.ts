import type { Secret } from '../../model/secret.ts';
import type { Authorizer } from '../authorizer.ts';

/** How a token is shown to targets, and to which. */
export interface Presentation {
  /** Header that carries the token as it is; without it `Authorization: Bearer` (RFC 6750 section 2.1). */
  readonly header?: string;
  /** Origins that may get the token; empty means no bound. */
  readonly sendTo: readonly string[];
}

/** Presents one token; a request to an origin outside `sendTo` gets no headers, whatever has led it there. */
export function createBearer(token: Secret, presentation: Presentation): Authorizer {
  return {
    authorize: ({ url }) => ({ headers: presentedHeaders(token, presentation, url, 'Bearer') }),
    heard: () => 'done',
  };
}

/** The headers that carry a token to `url`, by a scheme of RFC 6750 or RFC 9449; none for an origin outside `sendTo`. */
export function presentedHeaders(
  token: Secret,
  { header, sendTo }: Presentation,
  { origin }: URL,
  scheme: 'Bearer' | 'DPoP',
): Readonly<Record<string, string>> {
  if (sendTo.length > 0 && !sendTo.includes(origin)) return {};
  return header === undefined
    ? { authorization: `${scheme} ${token.reveal()}` }
    : { [header.toLowerCase()]: token.reveal() };
}
