import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DateSighting, watchDates } from '../../src/net/date-watch.ts';
import { createDeadline } from '../../src/net/deadline.ts';
import type { HttpClient, HttpExchange } from '../../src/net/http.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createBudget, Permit } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { createSystem } from '../../src/system/system.ts';
import { createVirtualClock } from '../support/virtual-system.ts';

const system = createSystem();
const url = new URL('https://api.example.com/v1?key=1');

async function permitOf(clock = system.clock): Promise<Permit> {
  const grant = await createBudget(clock, {
    name: 'b',
    ratePerSecond: 10,
    burst: 10,
    reserveForTokens: 0,
  }).acquire();
  if (!(grant instanceof Permit)) throw new Error('a full budget gave no permit');
  return grant;
}

/** What is seen of an exchange that takes 1000 ms on a virtual clock and comes to this; the client is a fake. */
async function seenOf(exchange: HttpExchange) {
  const clock = createVirtualClock();
  await clock.advance(5_000);
  const client: HttpClient = {
    async exchange() {
      await clock.advance(1_000);
      return exchange;
    },
    close: async () => {},
  };
  const seen: [string, DateSighting][] = [];
  const watched = watchDates(client, clock, (origin, sighting) => void seen.push([origin, sighting]));
  const deadline = createDeadline(clock, 60_000);
  const request = { url, method: 'GET', headers: {}, maxBodyBytes: 100 };
  const told = await watched.exchange(await permitOf(clock), request, deadline);
  deadline.close();
  expect(told).toBe(exchange);
  return seen;
}

function answered(headers: Readonly<Record<string, string>>): HttpExchange {
  return {
    phases: { resolve: 10, connect: 20, tls: 30, request: 1, wait: 600, transfer: 300 },
    response: { status: 200, httpVersion: '1.1', headers, body: Buffer.alloc(0), wireBytes: 0 },
  };
}

const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
const dateMs = Date.UTC(2026, 0, 1);

describe('the watch on Date headers, over a fake client', () => {
  it('tells the header with the time between the request and the headers, without connecting and body', async () => {
    expect(await seenOf(answered({ date }))).toEqual([
      ['https://api.example.com', { dateMs, sentMs: 5_060, receivedMs: 5_700 }],
    ]);
  });

  it('takes the whole exchange where a kept connection has but few phases', async () => {
    const exchange = { ...answered({ date }), phases: { wait: 900 } };
    expect(await seenOf(exchange)).toEqual([['https://api.example.com', { dateMs, sentMs: 5_000, receivedMs: 6_000 }]]);
  });

  it('sees nothing where there is no answer, no header, or none that is a date', async () => {
    const failure = { phase: 'wait', code: 'ECONNRESET', message: '' } as const;
    expect(await seenOf({ phases: {}, failure })).toEqual([]);
    expect(await seenOf(answered({}))).toEqual([]);
    expect(await seenOf(answered({ date: 'yesterday' }))).toEqual([]);
  });

  it('does not take the date of an answer out of a cache', async () => {
    expect(await seenOf(answered({ date, age: '17' }))).toEqual([]);
    expect(await seenOf(answered({ date, age: '0, 5' }))).toEqual([]);
    expect(await seenOf(answered({ date, age: '0' }))).toHaveLength(1);
  });
});

describe('the watch on Date headers, over real HTTP', () => {
  it('encloses the moment at which the server made its answer, by fresh and kept connections', async () => {
    const made: number[] = [];
    const server = createServer((_, response) => {
      made.push(system.clock.monotonicMs());
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const seen: [string, DateSighting][] = [];
    const client = watchDates(
      createHttpClient(system, createResolver(system)),
      system.clock,
      (origin, sighting) => void seen.push([origin, sighting]),
    );
    onTestFinished(() => client.close());
    for (const reuse of [false, true, true]) {
      const deadline = createDeadline(system.clock, 30_000);
      const origin = new URL(`http://127.0.0.1:${port}/`);
      const request = { url: origin, method: 'GET', headers: {}, maxBodyBytes: 100, connection: { reuse } };
      await client.exchange(await permitOf(), request, deadline);
      deadline.close();
    }
    expect(seen).toHaveLength(3);
    for (const [index, [origin, { sentMs, receivedMs, dateMs: sawMs }]] of seen.entries()) {
      expect(origin).toBe(`http://127.0.0.1:${port}`);
      expect(sentMs).toBeLessThanOrEqual(made[index] as number);
      expect(receivedMs).toBeGreaterThanOrEqual(made[index] as number);
      expect(Math.abs(sawMs - system.clock.wallMs())).toBeLessThan(60_000);
    }
  });
});
