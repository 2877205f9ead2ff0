import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Target {
  readonly origin: string;
  /** What it was asked, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Answers so from now on. */
  answerWith(listener: RequestListener): void;
  close(): void;
}

/** A real HTTP server on a free port of the loopback; answers 200 `{"ok":true}` until it is told otherwise. */
export async function startTarget(): Promise<Target> {
  const requests: IncomingMessage[] = [];
  let listener: RequestListener = (_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":true}');
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answerWith(next) {
      listener = next;
    },
    close,
  };
}
