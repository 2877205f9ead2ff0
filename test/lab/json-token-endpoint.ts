import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** Where the lab's issuer takes token requests as JSON, as some vendors do. */
export const jsonTokenPath = '/json/token';

function formOf(body: string): URLSearchParams | undefined {
  try {
    const { audience, ...members } = JSON.parse(body) as Record<string, string>;
    // Those vendors say `audience` where RFC 8707 says `resource`.
    return new URLSearchParams(audience === undefined ? members : { ...members, resource: audience });
  } catch {
    return undefined;
  }
}

/** Takes JSON alone, and hands on to the form-encoded endpoint what it says. */
export async function answerJsonToken(
  tokenEndpoint: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = request.headers['content-type']?.startsWith('application/json') && formOf(await text(request));
  if (!form) {
    response.writeHead(400, { 'content-type': 'application/json' });
    return void response.end(JSON.stringify({ error: 'invalid_request', error_description: 'JSON is wanted here.' }));
  }
  const { authorization } = request.headers;
  const answer = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: form,
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
  response.end(await answer.text());
}
