import type { AccessToken, TokenView } from '../model/token.ts';

/** Adds what a token asks of one request: the headers that carry it. */
export interface Authorizer {
  /** Headers (names in lower case) for one request to `url`. */
  headersFor(request: { readonly url: URL; readonly method: string }): Readonly<Record<string, string>>;
}

/** A token source as the engine sees it. */
export interface TokenSource {
  readonly name: string;
  /** Resolves when the first run has ended, whatever its outcome. */
  readonly firstRun: Promise<void>;
  /** The live token; undefined when there is none that may be sent (absent, expired, or known dead). */
  current(): AccessToken | undefined;
  /** Presents the live token on requests; undefined when there is none. */
  authorizer(): Authorizer | undefined;
  /** What diagnosis may know; `ageMs` and `expiresInMs` are as of now. */
  view(): TokenView;
  /** A target refused the live token with a 401: refreshes once, then not again for a cool-down. */
  suspect(): void;
  /** Begins to fetch and refresh on the source's own schedule. */
  start(): void;
  /**
   * Ends the schedule. A refresh that is under way is let end and its answer stored; after `graceMs`, or without it after
   * its own timeout, it is cut off. May be called again with a shorter grace.
   */
  stop(graceMs?: number): Promise<void>;
}
