import { Client, errors } from 'undici';

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
  ['UND_ERR_SOCKET', 'hung up'],
]);

/**
 * Asks the daemon of a `state_dir` over its Unix socket, by GET, or by POST when there is something to hand over as JSON.
 * Throws when it cannot be asked (another user's, say). No permit: nothing leaves this host, and no budget is of use to a
 * daemon's own user.
 */
export async function askDaemon(socketPath: string, path: string, handed?: object): Promise<ControlAnswer | NoAnswer> {
  const client = new Client('http://localhost', {
    connect: { socketPath },
    headersTimeout: longestSilenceMs,
    bodyTimeout: longestSilenceMs,
  });
  try {
    const { statusCode, body } = await client.request({ path, ...contentOf(handed) });
    return { status: statusCode, body: await body.text() };
  } catch (error) {
    if (error instanceof errors.HeadersTimeoutError) throw new Error('it has not answered for a minute');
    const none = error instanceof Error && 'code' in error ? noAnswers.get(error.code) : undefined;
    if (none) return none;
    throw error;
  } finally {
    await client.destroy();
  }
}

function contentOf(handed: object | undefined) {
  if (!handed) return { method: 'GET' as const };
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(handed),
  };
}
