import type { Authorization, AuthorizedRequest, Authorizer, TokenHearing, TokenSource } from '../auth/authorizer.ts';
import type { SentToken } from '../diagnosis/sent-token.ts';
import type { SigningClock, Stamped } from '../diagnosis/signing-clock.ts';
import { compact } from '../model/compact.ts';
import type { TokenView } from '../model/token.ts';
import type { Clock } from '../system/clock.ts';

/** What a run sends of its token. A refresh meanwhile changes nothing of what is said about the token that was sent. */
export interface RunToken {
  /** Throws `TokenAbsent` when the token has died meanwhile; adds nothing for a check without a token. */
  authorize(request: AuthorizedRequest): Promise<Authorization>;
  heard(request: AuthorizedRequest, answer: TokenHearing): 'done' | 'again';
  /** The token that the answer of this status was given to, as it stands now; undefined when its request carried none. */
  behind(status: number | undefined): Pick<SentToken, 'view' | 'proof'> | undefined;
}

/** Thrown through a probe whose token died while the run waited for a permit. */
export class TokenAbsent extends Error {}

interface Sent {
  readonly authorizer: Authorizer;
  readonly view: TokenView;
  readonly atMs: number;
  readonly proof?: Stamped;
  /** The status of its answer. */
  status?: number;
}

export function createRunToken(
  source: TokenSource | undefined,
  clock: Clock,
  signingClock: () => SigningClock,
): RunToken {
  let sent: Sent | undefined;
  return {
    async authorize(request) {
      sent = undefined;
      if (!source) return { headers: {} };
      const authorizer = source.authorizer();
      if (!authorizer) throw new TokenAbsent();
      const view = source.view();
      const authorization = await authorizer.authorize(request);
      const { signed } = authorization;
      const proof = signed && { claims: signed, clock: signingClock() };
      if (carriesToken(authorization)) sent = compact({ authorizer, view, atMs: clock.monotonicMs(), proof });
      return authorization;
    },
    heard(request, answer) {
      if (!sent) return 'done';
      sent.status = answer.status;
      return sent.authorizer.heard(request, answer);
    },
    behind(status) {
      if (!sent || sent.status !== status) return undefined;
      const { view, atMs, proof } = sent;
      return compact({ view: aged(view, clock.monotonicMs() - atMs), proof });
    },
  };
}

/** An origin that the token may not be sent to gets nothing of it. */
function carriesToken({ headers, clientCertificate }: Authorization): boolean {
  return clientCertificate !== undefined || Object.keys(headers).length > 0;
}

function aged({ expiresInMs, ...view }: TokenView, byMs: number): TokenView {
  return compact({
    ...view,
    ageMs: view.ageMs + byMs,
    expiresInMs: expiresInMs === undefined ? undefined : expiresInMs - byMs,
  });
}
