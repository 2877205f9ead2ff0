import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { credentialsOf, type Refusal, refuse } from './bearer.ts';
import { type Call, sendError, sendHtml, sendJson } from './call.ts';

/** One way to be broken. Each hook that is absent leaves that part of the API as it is. */
interface ApiFault {
  readonly sentence: string;
  /** Nothing listens while the fault is on. */
  readonly closesPort?: true;
  /** Takes the place of everything that the API does with a request, the look at its token included. */
  readonly seize?: (call: Call) => void;
  /** Comes before the look at the token. `heal` ends the fault. */
  readonly before?: (call: Call, heal: () => Promise<void>) => Promise<void> | void;
  /** Takes the place of the look at the token, on routes that ask for one. */
  readonly refusal?: Refusal;
  /** A scope that routes with a token ask for beside their own. */
  readonly scope?: string;
  /** Takes the place of the route's answer, for a request that was let in. */
  readonly answer?: (call: Call) => void;
}

const retryAfterSeconds = 5;
const hugeBytes = 8 * 1024 * 1024;
const hourMs = 3_600_000;

const socketOf = (call: Call): Socket => call.request.socket;

/** A connection of TLS can only be broken off. */
function reset(call: Call): void {
  const socket = socketOf(call);
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Sends `start` as it is, then resets the connection once the kernel has taken it. */
function resetAfter(call: Call, start: string): void {
  socketOf(call).write(start, () => reset(call));
}

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

const table = {
  slow: {
    sentence: 'Each answer comes late: later than the checks of the lab wait.',
    before: (call) => call.linger(),
  },
  stall: { sentence: 'Requests are taken and never answered.', seize: () => {} },
  'status-500': {
    sentence: 'Each request is answered 500.',
    seize: (call) => sendError(call, 500, 'api_error', 'Internal server error'),
  },
  'status-503': {
    sentence: 'Each request is answered 503, without a word on when to come back.',
    seize: (call) => sendError(call, 503, 'overloaded_error', 'Overloaded'),
  },
  'status-503-retry': {
    sentence: `Each request is answered 503 with Retry-After: ${retryAfterSeconds}.`,
    seize(call) {
      call.response.setHeader('retry-after', retryAfterSeconds);
      sendError(call, 503, 'overloaded_error', 'Overloaded');
    },
  },
  'status-429': {
    sentence: `Each request is answered 429 with Retry-After: ${retryAfterSeconds}.`,
    seize(call) {
      call.response.setHeader('retry-after', retryAfterSeconds);
      sendError(call, 429, 'rate_limit_error', 'Number of requests has exceeded your rate limit.');
    },
  },
  reset: {
    sentence: 'Each connection is reset once its request has come, before any answer.',
    seize: reset,
  },
  'reset-in-headers': {
    sentence: 'Each connection is reset in the middle of the headers.',
    seize: (call) => resetAfter(call, `${head}Content-Le`),
  },
  'reset-in-body': {
    sentence: 'Each connection is reset in the middle of the body.',
    seize: (call) => resetAfter(call, `${head}Content-Length: 1000\r\n\r\n{"data":[`),
  },
  'cut-body': {
    sentence: 'Each connection is closed in good order in the middle of the body.',
    seize: (call) => void socketOf(call).end(`${head}Content-Length: 1000\r\n\r\n{"data":[`),
  },
  'wrong-framing': {
    sentence: 'Each answer breaks the rules of HTTP: its chunk has a length that is no number.',
    seize: (call) => void socketOf(call).end(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`),
  },
  'closed-port': { sentence: 'Nothing listens on the port.', closesPort: true },
  'redirect-loop': {
    sentence: 'Each request is redirected to where it came.',
    seize(call) {
      call.response.writeHead(302, { location: call.url.href, 'content-length': 0 });
      call.response.end();
    },
  },
  'html-401': {
    sentence: 'Each request is answered 401 by a login page without a challenge, as some proxies do.',
    seize: (call) => sendHtml(call, 401, 'Please sign in'),
  },
  'token-expired': {
    sentence: 'Each token is called expired, by a challenge of RFC 6750.',
    refusal: refuse(401, 'invalid_token', 'The access token expired'),
  },
  'token-revoked': {
    sentence: 'The next token that is shown is revoked at the issuer; then the fault is over.',
    async before(call, heal) {
      const shown = credentialsOf(call.request.headers.authorization);
      if (!shown) return;
      await heal();
      await call.revoke(shown.token);
    },
  },
  'scope-strict': { sentence: 'Each route that asks for a token asks for the scope admin too.', scope: 'admin' },
  'wrong-json': {
    sentence: 'The answer is JSON of another shape.',
    answer: (call) => sendJson(call, 200, { models: { claude: true } }),
  },
  'not-json': {
    sentence: 'The answer is 200, and a page for people.',
    answer: (call) => sendHtml(call, 200, 'Down for maintenance'),
  },
  'empty-list': {
    sentence: 'The list in the answer is empty.',
    answer: (call) => sendJson(call, 200, { data: [], has_more: false }),
  },
  'huge-body': {
    sentence: `The answer is ${hugeBytes / 1024 / 1024} MiB long.`,
    answer(call) {
      call.response.writeHead(200, { 'content-type': 'application/json' });
      call.response.end(Buffer.alloc(hugeBytes, ' '));
    },
  },
  'date-ahead': {
    sentence: 'The Date header is an hour ahead.',
    before: (call) => void call.response.setHeader('date', new Date(Date.now() + hourMs).toUTCString()),
  },
} satisfies Record<string, ApiFault>;

export type ApiFaultName = keyof typeof table;

export const apiFaults: Readonly<Record<ApiFaultName, ApiFault>> = table;
