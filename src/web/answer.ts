import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { acceptsGzip } from './accepts.ts';
import { type CompressedText, compressionLevel } from './compressed-text.ts';
import { inSlices } from './slices.ts';

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /**
   * A short text; or pieces of one that may be long, which is written while it is sent, as fast as the client reads; or
   * one that is written for several clients at once.
   */
  readonly body: string | Iterable<string> | CompressedText;
  /** The methods that a 405 allows. */
  readonly allow?: string;
  /** The Content-Security-Policy of a page; without it nothing may load at all. */
  readonly contentSecurityPolicy?: string;
}

export function textAnswer(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

const jsonType = 'application/json; charset=utf-8';

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, contentType: jsonType, body: `${JSON.stringify(value)}\n` };
}

/** An object whose last member is a list, each item of which is made when it is written. `head` has the members before. */
export function jsonListAnswer<T>(
  key: string,
  items: readonly T[],
  toJson: (item: T) => unknown,
  head: object = {},
): Answer {
  return { status: 200, contentType: jsonType, body: listPieces(key, items, toJson, head) };
}

function* listPieces<T>(
  key: string,
  items: readonly T[],
  toJson: (item: T) => unknown,
  head: object,
): Iterable<string> {
  yield JSON.stringify({ ...head, [key]: [] }).slice(0, -']}'.length);
  for (const [index, item] of items.entries()) yield `${index > 0 ? ',' : ''}${JSON.stringify(toJson(item))}`;
  yield ']}\n';
}

/**
 * Sends an answer, a long one compressed for clients that take gzip, with the headers that keep a browser safe. A client
 * that leaves early is no fault. Rejects when the writing of the text fails; the client is cut off then, so that it
 * takes no half for a whole.
 */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { body } = answer;
  const headers = headersOf(answer);
  if (typeof body === 'string') {
    response.writeHead(answer.status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
    return;
  }
  const isCompressed = acceptsGzip(request.headers['accept-encoding']);
  response.writeHead(answer.status, { ...headers, ...(isCompressed && { 'content-encoding': 'gzip' }) });
  if (request.method === 'HEAD') return void response.end();
  try {
    await pipeline([...stagesOf(body, isCompressed), response]);
  } catch (error) {
    if (!isOfClient(error)) throw error;
  }
}

function stagesOf(body: Exclude<Answer['body'], string>, isCompressed: boolean) {
  if ('chunks' in body) return [Readable.from(body.chunks()), ...(isCompressed ? [] : [createGunzip()])];
  return [Readable.from(inSlices(body)), ...(isCompressed ? [createGzip({ level: compressionLevel })] : [])];
}

/** Whether sending broke because the client went away. */
function isOfClient(error: unknown): boolean {
  const codes = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function headersOf({ contentType, allow, contentSecurityPolicy }: Answer) {
  return {
    'content-type': contentType,
    ...(allow && { allow }),
    vary: 'accept, accept-encoding',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy ?? "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
