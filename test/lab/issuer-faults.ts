import type { ServerResponse } from 'node:http';
import type { ConsentAnswer } from './issuer-interactions.ts';

/** What a token endpoint answers, before it is written. */
export type TokenBody = Record<string, unknown>;

/** One way to be broken. Each hook that is absent leaves that part of the issuer as it is. */
export interface IssuerFault {
  readonly sentence: string;
  /** Nothing listens while the fault is on. */
  readonly closesPort?: true;
  /** Before anything is done, or once the token endpoint has done its work. */
  readonly late?: 'before' | 'after';
  /** The connection ends once the token endpoint has done its work. */
  readonly cutsAnswer?: true;
  /** Takes the place of everything that the issuer does with a request. */
  readonly seize?: (response: ServerResponse) => void;
  /** Changes what the token endpoint grants, after it was granted. */
  readonly lie?: (body: TokenBody) => TokenBody;
  /** Changes how the token endpoint refuses; `reason` is what it keeps to itself otherwise. */
  readonly refuse?: (body: TokenBody, reason: string | undefined) => TokenBody;
  /** Of the scopes that there are, those that tokens get. */
  readonly narrow?: (scopes: readonly string[]) => readonly string[];
  /** What the person says. */
  readonly consent?: ConsentAnswer;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

const dripMs = 20;

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), dripMs);
  response.on('close', () => clearInterval(timer));
}

const without = (body: TokenBody, member: string) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== member));

const table = {
  down: { sentence: 'Nothing listens on the port.', closesPort: true },
  slow: { sentence: 'Each answer comes late.', late: 'before' },
  'slow-answer': { sentence: 'The token endpoint does its work at once, and its answer comes late.', late: 'after' },
  'status-500': {
    sentence: 'Each request is answered 500.',
    seize: (response) => send(response, 500, 'text/plain', 'Internal Server Error'),
  },
  'html-200': {
    sentence: 'Each request is answered 200, by a page for people.',
    seize: (response) => send(response, 200, 'text/html', '<!doctype html><title>Welcome</title>'),
  },
  'endless-body': { sentence: 'Each answer is 200, and its body drips without an end.', seize: drip },
  'cut-answer': {
    sentence: 'The token endpoint does its work, and the connection ends before its answer is out.',
    cutsAnswer: true,
  },
  'long-expiry': {
    sentence: 'Access tokens are said to live a hundred times as long as they do.',
    lie: (body) => ({ ...body, expires_in: Number(body.expires_in) * 100 }),
  },
  'huge-expiry': {
    sentence: 'Access tokens are said to live longer than dates reach.',
    lie: (body) => ({ ...body, expires_in: 1e15 }),
  },
  'no-expiry': {
    sentence: 'The life of access tokens is not told.',
    lie: (body) => without(body, 'expires_in'),
  },
  'negative-expiry': {
    sentence: 'Access tokens are said to live less than no time.',
    lie: (body) => ({ ...body, expires_in: -1 }),
  },
  'no-access-token': {
    sentence: 'The token endpoint does its work, and leaves the access token out of its answer.',
    lie: (body) => without(body, 'access_token'),
  },
  'no-token-type': {
    sentence: 'The token endpoint does not say of what type its token is.',
    lie: (body) => without(body, 'token_type'),
  },
  'no-refresh-token': {
    sentence: 'The token endpoint leaves the refresh token out of its answer.',
    lie: (body) => without(body, 'refresh_token'),
  },
  'fewer-scopes': {
    sentence: 'Of the scopes that are asked for, tokens get models.read alone.',
    narrow: (scopes) => scopes.filter((scope) => scope === 'models.read'),
  },
  'says-why': {
    sentence: 'The token endpoint says why it refuses, as many do: that a code was used, that an assertion is too old.',
    refuse: (body, reason) => (reason === undefined ? body : { ...body, error_description: reason }),
  },
  'slow-down': {
    sentence: 'Who waits for a person at a device is told to ask less often.',
    refuse: (body) => (body.error === 'authorization_pending' ? { ...body, error: 'slow_down' } : body),
  },
  'consent-denied': { sentence: 'The person says no.', consent: 'deny' },
  'consent-fewer': {
    sentence: 'The person gives the first of the scopes that are asked for, and not the rest.',
    consent: 'fewer',
  },
} satisfies Record<string, IssuerFault>;

export type IssuerFaultName = keyof typeof table;

export const issuerFaults: Readonly<Record<IssuerFaultName, IssuerFault>> = table;
