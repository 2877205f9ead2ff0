import { compact } from '../model/compact.ts';
import { answerDateMs } from '../model/http-date.ts';
import type { IssuerEndpointName, SignedClaims, TokenObservation } from '../model/token.ts';
import { bodyExcerpt, type Conceal, excerpt } from './excerpt.ts';
import type { IssuerDoor, IssuerExchange } from './issuer-door.ts';
import type { TokenAnswer } from './token-answer.ts';

/** Headers that help a person to see who answered, and when. */
const tellingHeaders = ['age', 'content-type', 'date', 'retry-after', 'www-authenticate'];

/** What is known beside the exchange itself. */
export interface Surroundings {
  readonly grant: string;
  /** Of the last request; absent when none was made. */
  readonly endpoint?: IssuerEndpointName;
  /** What was signed for it. */
  readonly signed: readonly SignedClaims[];
  readonly conceal: Conceal;
}

/** What a token run saw: the last exchange through `door`, and what was read from its answer. Nothing is cut before secrets are concealed. */
export function observationOf(
  { grant, endpoint, signed, conceal }: Surroundings,
  door: IssuerDoor,
  answer: TokenAnswer,
): TokenObservation {
  const last = door.last();
  const { url, failure, response } = last ?? {};
  const show = (text: string | undefined) => (text === undefined ? undefined : excerpt(text, 300, conceal));
  const understood = answer.access !== undefined || answer.error !== undefined;
  return compact({
    grant,
    phases: door.phases(),
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
    aheadOfIssuerMs: answer.access ? undefined : aheadOfIssuerMs(last),
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
