import type { Secret } from '../model/secret.ts';
import type { Authorizer } from './authorizer.ts';

/** How a token is shown to targets, and to which. */
export interface Presentation {
  /** Header that carries the token as it is; without it `Authorization: Bearer` (RFC 6750 section 2.1). */
  readonly header?: string;
  /** Origins that may get the token; empty means no bound. */
  readonly sendTo: readonly string[];
}

/** Presents one token; a request to an origin outside `sendTo` gets no headers, whatever has led it there. */
export function createBearer(token: Secret, { header, sendTo }: Presentation): Authorizer {
  return {
    authorize({ url }) {
      if (sendTo.length > 0 && !sendTo.includes(url.origin)) return { headers: {} };
      const headers =
        header === undefined
          ? { authorization: `Bearer ${token.reveal()}` }
          : { [header.toLowerCase()]: token.reveal() };
      return { headers };
    },
    heard: () => 'done',
  };
}
