import type { ServerResponse } from 'node:http';

/** What a token endpoint answers, before it is written. */
export type TokenBody = Record<string, unknown>;

/** One way to be broken. Each hook that is absent leaves that part of the issuer as it is. */
interface IssuerFault {
  readonly sentence: string;
  /** Nothing listens while the fault is on. */
  readonly closesPort?: true;
  readonly answersLate?: true;
  /** Takes the place of everything that the issuer does with a request. */
  readonly seize?: (response: ServerResponse) => void;
  /** Changes what the token endpoint grants, after it was granted. */
  readonly lie?: (body: TokenBody) => TokenBody;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

const without = (body: TokenBody, member: string) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== member));

const table = {
  down: { sentence: 'Nothing listens on the port.', closesPort: true },
  slow: { sentence: 'Each answer comes late.', answersLate: true },
  'status-500': {
    sentence: 'Each request is answered 500.',
    seize: (response) => send(response, 500, 'text/plain', 'Internal Server Error'),
  },
  'html-200': {
    sentence: 'Each request is answered 200, by a page for people.',
    seize: (response) => send(response, 200, 'text/html', '<!doctype html><title>Welcome</title>'),
  },
  'cut-answer': {
    sentence: 'The token endpoint does its work, and the connection ends before its answer is out.',
    lie: (body) => body,
  },
  'long-expiry': {
    sentence: 'Access tokens are said to live a hundred times as long as they do.',
    lie: (body) => ({ ...body, expires_in: Number(body.expires_in) * 100 }),
  },
  'no-expiry': {
    sentence: 'The life of access tokens is not told.',
    lie: (body) => without(body, 'expires_in'),
  },
  'negative-expiry': {
    sentence: 'Access tokens are said to live less than no time.',
    lie: (body) => ({ ...body, expires_in: -1 }),
  },
} satisfies Record<string, IssuerFault>;

export type IssuerFaultName = keyof typeof table;

export const issuerFaults: Readonly<Record<IssuerFaultName, IssuerFault>> = table;
