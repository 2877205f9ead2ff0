/** The nonces that servers want to see in proofs (RFC 9449 sections 8 and 9). */
export interface DpopNonces {
  /** The one that the origin of `url` gave last. */
  of(url: URL): string | undefined;
  /** Keeps the nonce that an answer gives, and returns it; header names in lower case. */
  hear(url: URL, headers: Readonly<Record<string, string>>): string | undefined;
}

/** RFC 9449 section 8.1, of some length: each proof holds it, and has to fit into a header. */
const nonceSyntax = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/;

export function createDpopNonces(): DpopNonces {
  const byOrigin = new Map<string, string>();
  return {
    of: ({ origin }) => byOrigin.get(origin),
    hear({ origin }, headers) {
      const nonce = headers['dpop-nonce'];
      if (nonce === undefined || !nonceSyntax.test(nonce)) return undefined;
      byOrigin.set(origin, nonce);
      return nonce;
    },
  };
}
