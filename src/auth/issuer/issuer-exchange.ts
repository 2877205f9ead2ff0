import type { PhaseName } from '../../model/observation.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { IssuerExchange } from './issuer-door.ts';

const beforeSending: readonly PhaseName[] = ['queue', 'resolve', 'connect', 'tls'];

/** Whether the issuer cannot have seen anything of the request. */
export function neverSent({ failure }: IssuerExchange): boolean {
  return failure !== undefined && beforeSending.includes(failure.phase);
}

/** Whether an endpoint is no longer where it was said to be. */
export function movedAway(exchange: IssuerExchange): boolean {
  const { failure, response } = exchange;
  return failure ? neverSent(exchange) : response !== undefined && [404, 405, 410].includes(response.status);
}

/** The whole answer as text; undefined when none came. */
export function wholeAnswer({
  failure,
  response,
}: IssuerExchange): { readonly status: number; readonly body: string } | undefined {
  return failure || !response ? undefined : { status: response.status, body: response.body.toString('utf8') };
}

/** What a whole answer of an endpoint that talks JSON says; an empty refusal when none came. */
export function answerOf(exchange: IssuerExchange): Answer {
  const whole = wholeAnswer(exchange);
  return whole ? readAnswer(whole.status, whole.body) : { refusal: {} };
}
