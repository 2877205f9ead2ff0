import { compact } from '../../model/compact.ts';
import { answerDateMs } from '../../model/http-date.ts';
import type { Phases } from '../../model/observation.ts';
import type { IssuerEndpointName, SignedClaims, TokenObservation } from '../../model/token.ts';
import { bodyExcerpt, type Conceal, excerpt } from './excerpt.ts';
import type { IssuerExchange } from './issuer-door.ts';
import type { TokenAnswer } from './token-answer.ts';

/** Headers that help a person to see who answered, and when. */
const tellingHeaders = ['age', 'content-type', 'date', 'retry-after', 'www-authenticate'];

/** What a token run has seen, but for what its answer says. */
export interface Surroundings {
  readonly grant: string;
  /** Of all requests of the run. */
  readonly phases: Phases;
  /** The one that tells, which as a rule is the last; absent when none was made. */
  readonly exchange?: IssuerExchange;
  /** That was asked then. */
  readonly endpoint?: IssuerEndpointName;
  /** What was signed for it. */
  readonly signed: readonly SignedClaims[];
  readonly conceal: Conceal;
}

/** What a token run saw, with what was read from the answer. Nothing is cut before secrets are concealed. */
export function observationOf(
  { grant, phases, exchange, endpoint, signed, conceal }: Surroundings,
  answer: TokenAnswer,
): TokenObservation {
  const { url, failure, response } = exchange ?? {};
  const show = (text: string | undefined) => (text === undefined ? undefined : excerpt(text, 300, conceal));
  const understood = answer.access !== undefined || answer.error !== undefined;
  return compact({
    grant,
    phases,
    endpoint,
    url: url && conceal(url),
    failure: failure && { ...failure, message: conceal(failure.message) },
    status: response?.status,
    headers: response && headersOf(response.headers, show),
    error: show(answer.error),
    errorDescription: show(answer.errorDescription),
    protocolProblem: show(answer.problem),
    bodyStart:
      response && !understood ? bodyExcerpt(response.status, response.body.toString('utf8'), conceal) : undefined,
    signed: signed.length > 0 ? signed : undefined,
    aheadOfIssuerMs: answer.access ? undefined : aheadOfIssuerMs(exchange),
    granted: answer.access && compact({ scopes: answer.access.scopes, expiresInMs: answer.access.expiresInMs }),
  });
}

/** A `Date` names a whole second, somewhere within which the answer began. */
const halfOfDateMs = 500;

function aheadOfIssuerMs(exchange: IssuerExchange | undefined): number | undefined {
  const dateMs = answerDateMs(exchange?.response?.headers);
  if (!exchange || dateMs === undefined) return undefined;
  return Math.round(exchange.answeredMs - dateMs - halfOfDateMs);
}

function headersOf(
  headers: Readonly<Record<string, string>>,
  show: (text: string | undefined) => string | undefined,
): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const name of tellingHeaders) {
    const value = show(headers[name]);
    if (value !== undefined) shown[name] = value;
  }
  return shown;
}
