import { gzipSync } from 'node:zlib';
import { type Call, sendJson } from './call.ts';

interface Route {
  /** Scopes that a token must have; absent for a route that is open to all. */
  readonly scopes?: readonly string[];
  readonly answer: (call: Call) => Promise<void> | void;
}

const bigBytes = 2 * 1024 * 1024;

const models = [
  {
    type: 'model',
    id: 'claude-opus-4-1-20250805',
    display_name: 'Claude Opus 4.1',
    created_at: '2025-08-05T00:00:00Z',
  },
  {
    type: 'model',
    id: 'claude-sonnet-4-20250514',
    display_name: 'Claude Sonnet 4',
    created_at: '2025-05-22T00:00:00Z',
  },
  {
    type: 'model',
    id: 'claude-3-5-haiku-20241022',
    display_name: 'Claude Haiku 3.5',
    created_at: '2024-10-22T00:00:00Z',
  },
];

function listModels(call: Call): void {
  const limit = Number.parseInt(call.url.searchParams.get('limit') ?? '20', 10);
  const data = models.slice(0, Math.max(1, limit));
  const ends = { first_id: data.at(0)?.id, last_id: data.at(-1)?.id };
  sendJson(call, 200, { data, has_more: data.length < models.length, ...ends });
}

const health = (call: Call) => sendJson(call, 200, { status: 'ok' });

function sendGzip(call: Call): void {
  const packed = gzipSync(JSON.stringify({ packed: true, padding: 'x'.repeat(2000) }));
  call.response.writeHead(200, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'content-length': packed.length,
  });
  call.response.end(packed);
}

function sendBig(call: Call): void {
  call.response.writeHead(200, { 'content-type': 'text/plain', 'content-length': bigBytes });
  call.response.end(Buffer.alloc(bigBytes, 'x'));
}

function redirectToHealth(call: Call): void {
  call.response.writeHead(302, { location: '/health', 'content-length': 0 });
  call.response.end();
}

/** What the API answers when nothing is broken, by path. */
export const apiRoutes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/health', { answer: health }],
  ['/v1/models', { scopes: ['models.read'], answer: listModels }],
  ['/v1/usage', { scopes: ['usage.read'], answer: (call) => sendJson(call, 200, { requests: 42 }) }],
  [
    '/slow',
    {
      async answer(call) {
        await call.linger();
        health(call);
      },
    },
  ],
  ['/redirect', { answer: redirectToHealth }],
  ['/big', { answer: sendBig }],
  ['/gzip', { answer: sendGzip }],
]);
