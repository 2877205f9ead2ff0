import type { CauseCode } from '../../src/model/cause.ts';
import type { ApiFaultName } from './api-faults.ts';

/** One thing that `npm start` breaks, and what sonde should make of it. */
export interface Breakage {
  readonly fault:
    | { readonly server: 'api'; readonly name: ApiFaultName; readonly path?: string }
    | { readonly server: 'issuer'; readonly name: 'down' };
  /** What is broken, as a sentence. */
  readonly sentence: string;
  readonly cause: CauseCode;
  /** Who shows it: checks, or a token's own run. */
  readonly shownBy: string;
  readonly lastsMs: number;
}

const lastsMs = 20_000;

/** So long that each token, which lives for `accessTokenSeconds` of the lab, falls due for its refresh meanwhile. */
const outageMs = 26_000;

/** In this order, then again from the first. */
export const breakages: readonly Breakage[] = [
  {
    fault: { server: 'api', name: 'status-500' },
    sentence: 'The API answers everything with 500.',
    cause: 'upstream_5xx',
    shownBy: 'every check',
    lastsMs,
  },
  {
    fault: { server: 'api', name: 'slow', path: '/v1/models' },
    sentence: 'The list of models takes longer than its check waits.',
    cause: 'timeout',
    shownBy: 'models, and models-refuse-strangers, which asks the same address',
    lastsMs,
  },
  {
    fault: { server: 'issuer', name: 'down' },
    sentence: 'The token issuer is down; the tokens that sonde holds still work.',
    cause: 'issuer_unavailable',
    shownBy: 'the next run of lab-user and lab-service; checks stay well until a token ends',
    lastsMs: outageMs,
  },
  {
    fault: { server: 'api', name: 'status-429' },
    sentence: 'The API says that too many requests were made.',
    cause: 'rate_limited_by_target',
    shownBy: 'every check',
    lastsMs,
  },
  {
    fault: { server: 'api', name: 'token-revoked', path: '/v1/models' },
    sentence: 'Somebody revokes the token of lab-user.',
    cause: 'unauthorized',
    shownBy: 'models, once: sonde fetches a fresh token and it passes again',
    lastsMs,
  },
  {
    fault: { server: 'api', name: 'scope-strict' },
    sentence: 'The API asks for a scope that the tokens do not have.',
    cause: 'insufficient_scope',
    shownBy: 'models and usage; the others need no token',
    lastsMs,
  },
  {
    fault: { server: 'api', name: 'reset-in-body', path: '/v1/models' },
    sentence: 'The API resets the connection in the middle of the list of models.',
    cause: 'connection_reset',
    shownBy: 'models, and models-refuse-strangers, which asks the same address',
    lastsMs,
  },
  {
    fault: { server: 'api', name: 'closed-port' },
    sentence: 'Nothing listens on the port of the API.',
    cause: 'connect_refused',
    shownBy: 'every check',
    lastsMs,
  },
  {
    fault: { server: 'api', name: 'wrong-json', path: '/v1/models' },
    sentence: 'The list of models has another shape: status 200, and useless.',
    cause: 'assertion_failed',
    shownBy: 'models',
    lastsMs,
  },
];
