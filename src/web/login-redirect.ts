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
  /**
   * The first answer that is the awaited one; the browser has had its page by then, and nobody listens any more. All else
   * is refused, before the call too: whatever runs on this host, and any page that a browser shows, can send it. `refused`
   * is called the first time.
   */
  answer(isOwn: (parameters: URLSearchParams) => boolean, refused?: () => void): Promise<URLSearchParams>;
  close(): void;
}

/**
 * Listens until the awaited answer has come, or `close`. Throws `ListenError` when the address cannot be had.
 */
export async function listenForRedirect({ host, port, path }: RedirectOptions): Promise<RedirectListener> {
  const answer = Promise.withResolvers<URLSearchParams>();
  let isOwn = (_: URLSearchParams) => false;
  let tellRefused = () => {};
  const server = createLimitedServer();
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  let taken = false;

  const judge = ({ url = '', method, headers, socket }: IncomingMessage): Answer | URLSearchParams => {
    if (!isAddressed(headers.host, host, socket.localPort))
      return textAnswer(421, 'The Host header names another host.');
    const asked = URL.parse(url, 'http://localhost');
    if (asked?.pathname !== path) return textAnswer(404, 'There is nothing at this address.');
    if (method !== 'GET') return { ...textAnswer(405, 'This address answers GET only.'), allow: 'GET' };
    if (taken) return textAnswer(410, 'This login has had its answer.');
    if (isOwn(asked.searchParams)) return asked.searchParams;
    tellRefused();
    tellRefused = () => {};
    return textAnswer(400, notTheAnswer);
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
  const expect: RedirectListener['answer'] = (awaited, refused = () => {}) => {
    isOwn = awaited;
    tellRefused = refused;
    return answer.promise;
  };
  return { port: (server.address() as AddressInfo).port, close, answer: expect };
}

const notTheAnswer =
  'This is no answer to the login that waits here: it may belong to an earlier one. Open the address that the terminal shows.';

/** A page of another site can have its own name lead here (DNS rebinding); the browser then sends that name. */
function isAddressed(named: string | undefined, host: string, port: number | undefined): boolean {
  const address = URL.parse(`http://${named}`);
  const own = ['127.0.0.1', 'localhost', host.includes(':') ? `[${host}]` : host];
  return address !== null && own.includes(address.hostname) && Number(address.port || 80) === port;
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
