import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a running daemon answers to a command. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: string;
}

/** A daemon answers once the token's first run has ended; one that is stopped or hangs never does. */
const longestSilenceMs = 60_000;

/**
 * Why there is no answer: `absent`, nobody listens on the socket, or it is not there; `hung up`, the daemon died or ended
 * while it was asked, and whether it did what it was asked for is not known.
 */
export type NoAnswer = 'absent' | 'hung up';

const noAnswers: ReadonlyMap<unknown, NoAnswer> = new Map([
  ['ENOENT', 'absent'],
  ['ECONNREFUSED', 'absent'],
  ['ENOTDIR', 'absent'],
  ['ECONNRESET', 'hung up'],
  ['EPIPE', 'hung up'],
]);

/**
 * Asks the daemon of a `state_dir` over its Unix socket, by GET, or by POST when there is something to hand over as JSON.
 * Throws when it cannot be asked (another user's, say). No permit: nothing leaves this host, and no budget is of use to a
 * daemon's own user.
 */
export async function askDaemon(socketPath: string, path: string, handed?: object): Promise<ControlAnswer | NoAnswer> {
  try {
    const answer = await exchange(socketPath, path, handed);
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  } catch (error) {
    const none = error instanceof Error && 'code' in error ? noAnswers.get(error.code) : undefined;
    if (none) return none;
    throw error;
  }
}

function exchange(socketPath: string, path: string, handed?: object): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { body, ...options } = contentOf(handed);
  const asking = request({ socketPath, path, agent: false, timeout: longestSilenceMs, ...options }, resolve);
  asking.on('timeout', () => asking.destroy(new Error('it has not answered for a minute')));
  asking.on('error', reject);
  asking.end(body);
  return promise;
}

function contentOf(handed: object | undefined) {
  if (!handed) return { method: 'GET', body: '' };
  const body = JSON.stringify(handed);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return { method: 'POST', headers, body };
}
