import { describe, expect, it } from 'vitest';
import { type Outcome, passed, troubled } from '../../src/model/cause.ts';
import type { Result, TokenResult } from '../../src/model/result.ts';
import type { Log, LogFields } from '../../src/sinks/log.ts';
import { createLogSink } from '../../src/sinks/run-log.ts';
import { sampleResult } from '../support/sample-result.ts';

interface Line {
  readonly level: string;
  readonly fields: LogFields;
  readonly message: string;
}

function createWatchedSink(silent?: string) {
  const lines: Line[] = [];
  const writer = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  const log: Log = {
    isOn: (level) => level !== silent,
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
  return { sink: createLogSink(log), lines };
}

const refused = troubled('connect_refused', 'nothing listens on 127.0.0.1:9', { port: 9 });
const serverError = troubled('upstream_5xx', 'the target answered 503');
const passing = sampleResult().state;

function failing(outcome: Outcome, consecutiveFailures = 1): Partial<Result> {
  const cause = outcome.kind === 'passed' ? undefined : outcome.cause;
  return { outcome, state: { ...passing, status: 'failing', consecutiveFailures, ...(cause && { cause }) } };
}

function tell(...results: readonly Partial<Result>[]): [level: string, message: string][] {
  const { sink, lines } = createWatchedSink();
  for (const result of results) sink.record(sampleResult(result));
  return lines.map(({ level, message }) => [level, message]);
}

describe('the line of a run', () => {
  it('puts no line together that is not written', () => {
    const { sink, lines } = createWatchedSink('debug');
    sink.record(sampleResult());
    sink.record(sampleResult());
    sink.record(sampleResult(failing(refused)));
    expect(lines.map(({ level }) => level)).toEqual(['info', 'error']);
  });

  it('is quiet for a pass after a pass', () => {
    expect(tell({}, {})).toEqual([
      ['info', 'api passed (252.3 ms)'],
      ['debug', 'api passed (252.3 ms)'],
    ]);
  });

  it('is loud when a check turns to failing, less so while that lasts, and tells the recovery', () => {
    expect(tell({}, failing(serverError), failing(serverError, 2), {}, {})).toEqual([
      ['info', 'api passed (252.3 ms)'],
      ['error', 'api upstream_5xx: the target answered 503 (252.3 ms)'],
      ['warn', 'api upstream_5xx: the target answered 503 (252.3 ms), 2 in a row'],
      ['info', 'api recovered (252.3 ms)'],
      ['debug', 'api passed (252.3 ms)'],
    ]);
  });

  it('is loud again when the cause changes', () => {
    expect(tell(failing(serverError), failing(refused, 2)).map(([level]) => level)).toEqual(['error', 'error']);
  });

  it('only warns of a failure that is not confirmed yet, and then tells the pass', () => {
    const unconfirmed = { outcome: serverError, state: { ...passing, consecutiveFailures: 1 } };
    expect(tell({}, unconfirmed, {}).map(([level]) => level)).toEqual(['info', 'warn', 'info']);
  });

  it.each([
    ['token_absent', 'warn'],
    ['rate_limited_by_self', 'warn'],
    ['overrun', 'info'],
    ['shutdown', 'info'],
    ['maintenance', 'info'],
  ] as const)('of a run skipped for %s is of level %s', (code, level) => {
    expect(tell({ outcome: troubled(code, 'why') })).toEqual([[level, `api ${code}: why`]]);
  });

  it('is quiet for a pass after a pass with an overrun between them', () => {
    const overrun = { outcome: troubled('overrun', 'still going') };
    expect(tell({}, overrun, {}).map(([level]) => level)).toEqual(['info', 'info', 'debug']);
  });

  it('carries all that explains the run', () => {
    const { sink, lines } = createWatchedSink();
    const check = { ...sampleResult().check, labels: { team: 'platform' } };
    sink.record(sampleResult({ ...failing(refused, 2), check, facts: {}, uncertaintyMs: 80.5, isUncertain: true }));
    expect(lines[0]?.fields).toEqual({
      check: 'api',
      run: '0123456789abcdef0123456789abcdef',
      outcome: 'errored',
      cause: 'connect_refused',
      blame: 'target',
      detail: 'nothing listens on 127.0.0.1:9',
      evidence: { port: 9 },
      state: 'failing',
      consecutive_failures: 2,
      duration_ms: 252.3,
      uncertainty_ms: 80.5,
      latency_uncertain: true,
      phases_ms: { resolve: 0.4, connect: 1.3, wait: 250.6 },
      target: 'https://api.test/health',
      labels: { team: 'platform' },
    });
  });

  it('says no more than it knows when all is well', () => {
    const { sink, lines } = createWatchedSink();
    sink.record(sampleResult());
    expect(Object.keys(lines[0]?.fields ?? {})).toEqual([
      'check',
      'run',
      'outcome',
      'state',
      'consecutive_failures',
      'duration_ms',
      'uncertainty_ms',
      'phases_ms',
      'status',
      'target',
    ]);
  });
});

describe('the line of a token run', () => {
  const fresh: TokenResult = {
    token: 'claude',
    runId: 'a'.repeat(32),
    startedAtMs: 0,
    phases: { wait: 12.34 },
    durationMs: 12.34,
    outcome: passed,
    expiresAtMs: Date.UTC(2026, 0, 1, 1),
  };
  const down = { ...fresh, outcome: troubled('issuer_unavailable', 'the issuer answered 502') };
  const refusedGrant = { ...fresh, outcome: troubled('invalid_grant', 'refused') };

  it('is loud at a new cause, warns while it lasts, and tells the recovery', () => {
    const { sink, lines } = createWatchedSink();
    for (const result of [fresh, fresh, down, down, refusedGrant, fresh]) sink.recordToken(result);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'token claude is fresh (12.3 ms)'],
      ['debug', 'token claude is fresh (12.3 ms)'],
      ['error', 'token claude issuer_unavailable: the issuer answered 502 (12.3 ms)'],
      ['warn', 'token claude issuer_unavailable: the issuer answered 502 (12.3 ms)'],
      ['error', 'token claude invalid_grant: refused (12.3 ms)'],
      ['info', 'token claude is fresh (12.3 ms)'],
    ]);
  });

  it('tells when the held token expires, if it does', () => {
    const { sink, lines } = createWatchedSink();
    const { expiresAtMs: _, ...lasting } = fresh;
    sink.recordToken(fresh);
    sink.recordToken(lasting);
    expect(lines.map(({ fields }) => fields.expires_at)).toEqual(['2026-01-01T01:00:00.000Z', undefined]);
    expect(lines[1]?.fields).not.toHaveProperty('expires_at');
  });
});
