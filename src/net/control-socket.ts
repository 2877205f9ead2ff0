import { request } from 'node:http';

/** What a running daemon answers to a command. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: string;
}

/** Nobody listens on the socket, or it is not there: no daemon runs on that state. */
const nobodyThere = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR']);

/**
 * Asks the daemon of a `state_dir` over its Unix socket; undefined when none runs there, throws when it cannot be asked
 * (another user's, say). No permit: nothing leaves this host, and no budget is of use to a daemon's own user.
 */
export function askDaemon(socketPath: string, path: string): Promise<ControlAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (nobodyThere.has(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
    asked.end();
  });
}
