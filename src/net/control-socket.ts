import { Client, errors } from 'undici';

/** What a running daemon answers to a command. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: string;
}

/** A daemon answers once the token's first run has ended; one that is stopped or hangs never does. */
const longestSilenceMs = 60_000;

/** Nobody listens on the socket, or it is not there: no daemon runs on that state. */
const nobodyThere = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

/**
 * Asks the daemon of a `state_dir` over its Unix socket; undefined when none runs there, throws when it cannot be asked
 * (another user's, say). No permit: nothing leaves this host, and no budget is of use to a daemon's own user.
 */
export async function askDaemon(socketPath: string, path: string): Promise<ControlAnswer | undefined> {
  const client = new Client('http://localhost', {
    connect: { socketPath },
    headersTimeout: longestSilenceMs,
    bodyTimeout: longestSilenceMs,
  });
  try {
    const { statusCode, body } = await client.request({ path, method: 'GET' });
    return { status: statusCode, body: await body.text() };
  } catch (error) {
    if (error instanceof errors.HeadersTimeoutError) throw new Error('it has not answered for a minute');
    if (error instanceof Error && 'code' in error && nobodyThere.has(String(error.code))) return undefined;
    throw error;
  } finally {
    await client.destroy();
  }
}
