import type { DatagramClient } from '../../src/net/datagram.ts';
import { createDeadline, type Deadline } from '../../src/net/deadline.ts';
import type { HttpClient, HttpExchange, HttpRequest, HttpResponse } from '../../src/net/http.ts';
import { type Budget, createBudget, Permit, PermitRefused } from '../../src/net/limiter.ts';
import { httpKind } from '../../src/probes/http.ts';
import type { HttpSpec } from '../../src/probes/http-spec.ts';
import type { RunContext } from '../../src/probes/probe.ts';
import { createVirtualSystem, type VirtualSystem } from '../support/virtual-system.ts';

/** What a run may use, with a budget whose level shows whether permits were spent or given back. */
export interface ProbeWorld {
  readonly system: VirtualSystem;
  readonly budget: Budget;
  readonly deadline: Deadline;
  readonly context: RunContext;
  /** The URLs that the run asked the authorizer about. */
  readonly authorized: string[];
  /** Statuses and URLs of the answers that the authorizer was told of. */
  readonly heard: string[];
  /** Headers of all answers. */
  readonly received: Readonly<Record<string, string>>[];
  cancel(): void;
}

/** For a kind that sends none. */
export const noDatagrams: DatagramClient = {
  exchange: () => Promise.reject(new Error('a datagram was sent')),
};

export function createProbeWorld(system = createVirtualSystem()): ProbeWorld {
  const budget = createBudget(system.clock, { name: 'test', ratePerSecond: 1, burst: 100, reserveForTokens: 0 });
  const stopping = new AbortController();
  const deadline = createDeadline(system.clock, 60_000, stopping.signal);
  const authorized: string[] = [];
  const heard: string[] = [];
  const received: Readonly<Record<string, string>>[] = [];
  const context: RunContext = {
    runId: '0'.repeat(32),
    deadline,
    async permit() {
      const grant = await budget.acquire();
      if (!(grant instanceof Permit)) throw new PermitRefused(grant);
      return grant;
    },
    async authorize({ url, method }) {
      authorized.push(`${method} ${url}`);
      return { headers: { authorization: 'Bearer at-live' } };
    },
    heard({ url }, { status }) {
      heard.push(`${status} ${url}`);
      return 'done';
    },
    received: (headers) => void received.push(headers),
    conceal: (text) => text.replaceAll('known-secret', '[secret]'),
    ownHeaders: () => ({ 'user-agent': 'sonde/0.0.0', traceparent: '00-1' }),
  };
  return { system, budget, deadline, context, authorized, heard, received, cancel: () => stopping.abort() };
}

/** What stands under `http:` as the configuration would read it; secrets are laid over afterwards, as it does. */
export function httpSpec(written: Record<string, unknown>, secrets: Partial<HttpSpec> = {}): HttpSpec {
  return { ...httpKind.schema.parse({ url: 'https://api.example.com/', ...written }), ...secrets };
}

/** An answer without a body, with what a test wants of it. */
export function answer(status: number, headers: Record<string, string> = {}, body = ''): HttpResponse {
  return { status, httpVersion: '1.1', headers, body: Buffer.from(body), wireBytes: Buffer.byteLength(body) };
}

export interface ScriptedHttp extends HttpClient {
  readonly requests: HttpRequest[];
}

/** A fake client that spends the permit and answers as the test says. */
export function createScriptedHttp(
  reply: (request: HttpRequest, index: number) => Partial<HttpExchange>,
): ScriptedHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    async exchange(permit, request) {
      permit.spend();
      requests.push(request);
      return { phases: { connect: 1, wait: 10 }, ...reply(request, requests.length - 1) };
    },
    close: () => Promise.resolve(),
  };
}
