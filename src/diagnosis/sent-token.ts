import type { Standing, TokenView } from '../model/token.ts';
import type { Stamped } from './signing-clock.ts';

/** The token that an answer was given to, and what is known of it. */
export interface SentToken {
  /** As it stands now. */
  readonly view: TokenView;
  /** The proof of possession that went with it. */
  readonly proof?: Stamped;
  /** What its issuer knows of it; absent when it was not suspected. */
  readonly standing?: Standing;
  /** Scopes that the check says it needs. */
  readonly needs: readonly string[];
}
