import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** The methods that a 405 allows. */
  readonly allow?: string;
  /** The Content-Security-Policy of a page; without it nothing may load at all. */
  readonly contentSecurityPolicy?: string;
}

const compress = promisify(gzip);
/** Below it, compression costs more than it saves. */
const compressedFromBytes = 1_024;
/** A scrape is a megabyte where checks are many; higher levels take three times as long for a tenth less. */
const compressionLevel = 3;

export function textAnswer(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** Sends an answer, compressed when the client offers gzip, with the headers that keep a browser safe. */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const plain = Buffer.from(answer.body);
  const compressed = plain.length >= compressedFromBytes && acceptsGzip(request.headers['accept-encoding']);
  const body = compressed ? await compress(plain, { level: compressionLevel }) : plain;
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': body.length,
    ...(compressed && { 'content-encoding': 'gzip' }),
    ...(answer.allow && { allow: answer.allow }),
    vary: 'accept, accept-encoding',
    'cache-control': 'no-store',
    'content-security-policy': answer.contentSecurityPolicy ?? "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Whether a client prefers OpenMetrics, or likes it as well as the text format (RFC 9110 section 12.5.1). */
export function prefersOpenMetrics(accept = ''): boolean {
  const weight = qualityOf(accept, 'application/openmetrics-text');
  return weight > 0 && weight >= qualityOf(accept, 'text/plain');
}

function acceptsGzip(acceptEncoding = ''): boolean {
  return qualityOf(acceptEncoding, 'gzip') > 0;
}

/** The highest `q` with which a list names a value; 0 when it does not. */
function qualityOf(list: string, value: string): number {
  const weights = list
    .toLowerCase()
    .split(',')
    .map((entry) => entry.split(';').map((part) => part.trim()))
    .filter(([name]) => name === value)
    .map((parts) => Number(parts.find((part) => part.startsWith('q='))?.slice(2) ?? 1));
  return Math.max(0, ...weights);
}
