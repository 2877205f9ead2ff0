import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A status with a body: JSON for an object, else the text as it is. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
}

/** Answers a request, or takes the response over and returns nothing. */
export type Script = (request: SeenRequest, response: ServerResponse) => Answer | undefined;

export interface ScriptedIssuer {
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
}

/** An HTTP server for answers that no certified issuer would give. */
export async function scriptedIssuer(script: Script): Promise<ScriptedIssuer> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const form = Object.fromEntries(new URLSearchParams(body));
    const request = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, form, body };
    requests.push(request);
    const answer = script(request, response);
    if (!answer) return;
    const { status = 200, headers = {}, body: content = '' } = answer;
    const isText = typeof content === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
    response.end(isText ? content : JSON.stringify(content));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
