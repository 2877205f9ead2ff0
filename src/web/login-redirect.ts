import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, sendAnswer, textAnswer } from './answer.ts';
import { html } from './html.ts';
import { createLimitedServer, listening } from './listen.ts';

export interface RedirectOptions {
  /** An IP address. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** What the browser is sent to; every other path is unknown here. */
  readonly path: string;
}

/** Waits on loopback for the browser that the issuer sends back (RFC 8252 section 7.3). */
export interface RedirectListener {
  /** As bound. */
  readonly port: number;
  /** What the first answer said; the browser has had its page by then, and nobody listens any more. */
  readonly answer: Promise<URLSearchParams>;
  close(): void;
}

/**
 * Takes one answer, whatever it holds: a second one is refused. Throws `ListenError` when the address cannot be had.
 */
export async function listenForRedirect({ host, port, path }: RedirectOptions): Promise<RedirectListener> {
  const answer = Promise.withResolvers<URLSearchParams>();
  const server = createLimitedServer();
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  let taken = false;

  const judge = ({ url = '', method }: IncomingMessage): Answer | URLSearchParams => {
    const asked = URL.parse(url, 'http://localhost');
    if (asked?.pathname !== path) return textAnswer(404, 'There is nothing at this address.');
    if (method !== 'GET') return { ...textAnswer(405, 'This address answers GET only.'), allow: 'GET' };
    return taken ? textAnswer(410, 'This login has had its answer.') : asked.searchParams;
  };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const judged = judge(request);
    response.setHeader('connection', 'close');
    if (!(judged instanceof URLSearchParams)) return sendAnswer(request, response, judged);
    taken = true;
    // A browser that has gone before its page came has brought the answer all the same.
    response.once('close', () => {
      close();
      answer.resolve(judged);
    });
    await sendAnswer(request, response, pageFor(judged));
  };

  await listening(server, () => server.listen(port, host), `${host}:${port}`);
  server.on('request', respond);
  return { port: (server.address() as AddressInfo).port, answer: answer.promise, close };
}

/** Says nothing of what came: the address that brought it is history, and no page of it leads anywhere. */
function pageFor(parameters: URLSearchParams): Answer {
  const title = parameters.has('code') ? 'sonde has the answer' : 'sonde has an answer without a code';
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<p>You can close this window. The terminal in which the login began says how it went.</p>
</body>
</html>
`;
  return { status: 200, contentType: 'text/html; charset=utf-8', body: page.text };
}
