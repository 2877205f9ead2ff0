import { compact } from '../model/compact.ts';
import type { TokenObservation } from '../model/token.ts';
import { bodyExcerpt, type Conceal, excerpt } from './excerpt.ts';
import type { IssuerDoor } from './issuer-door.ts';
import type { TokenAnswer } from './token-answer.ts';

/** Headers that help a person to see who answered, and when. */
const tellingHeaders = ['content-type', 'date', 'retry-after', 'www-authenticate'];

/** What a token run saw: the last exchange through `door`, and what was read from its answer.  Nothing is cut before secrets are concealed. */
export function observationOf(
  grant: string,
  endpoint: 'discovery' | 'token',
  door: IssuerDoor,
  answer: TokenAnswer,
  conceal: Conceal,
): TokenObservation {
  const { url, failure, response } = door.last() ?? {};
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
    bodyStart: response && !understood ? bodyExcerpt(response.body.toString('utf8'), conceal) : undefined,
    granted: answer.access && compact({ scopes: answer.access.scopes, expiresInMs: answer.access.expiresInMs }),
  });
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
