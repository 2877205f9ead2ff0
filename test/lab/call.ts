import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from './bearer.ts';

/** One request to the API, as its routes and faults see it. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Waits as long as the API's `slowMs` says; rejects when the API closes meanwhile. */
  linger(): Promise<void>;
  /** Revokes a token at the issuer. */
  revoke(token: string): Promise<void>;
}

export function sendJson(call: Call, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  call.response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  call.response.end(text);
}

export function sendHtml(call: Call, status: number, title: string): void {
  call.response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  call.response.end(`<!doctype html><title>${title}</title><h1>${title}</h1>\n`);
}

/** An error in the form of the Claude API: `type` is for programs, `message` for people. */
export function sendError(call: Call, status: number, type: string, message: string): void {
  sendJson(call, status, { type: 'error', error: { type, message } });
}

export function sendRefusal(call: Call, refusal: Refusal): void {
  call.response.setHeader('www-authenticate', refusal.challenge);
  if (refusal.nonce !== undefined) call.response.setHeader('dpop-nonce', refusal.nonce);
  const type = { 400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error' }[refusal.status];
  sendError(call, refusal.status, type, refusal.message);
}
