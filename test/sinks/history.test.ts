import { describe, expect, it } from 'vitest';
import { passed, troubled } from '../../src/model/cause.ts';
import type { Result, TokenResult } from '../../src/model/result.ts';
import { createHistory } from '../../src/sinks/history.ts';
import { sampleResult } from '../support/sample-result.ts';

const { check } = sampleResult();
const run = (runId: string, parts: Partial<Result> = {}) => sampleResult({ runId, ...parts });
const failed = troubled('upstream_5xx', '503');
const tls = { protocol: 'TLSv1.3', cipher: 'X', chain: [] };
const fresh: TokenResult = { token: 'claude', runId: 't1', startedAtMs: 0, phases: {}, durationMs: 1, outcome: passed };

function createWatched(keepRuns = 10) {
  const history = createHistory();
  history.configure({ keepRuns });
  history.syncChecks([check]);
  history.syncTokens(['claude']);
  return history;
}

describe('the history of a check', () => {
  it('has the last run, the last that asked its target, and runs by id', () => {
    const history = createWatched();
    expect(history.last('api')).toBeUndefined();
    history.record(run('1'));
    history.record(run('2', { outcome: troubled('token_absent', 'none') }));
    expect(history.last('api')?.runId).toBe('2');
    expect(history.lastAsked('api')?.runId).toBe('1');
    expect(history.run('1')?.outcome.kind).toBe('passed');
    expect(history.run('3')).toBeUndefined();
  });

  it('keeps so many passed runs, and apart from them so many that did not pass', () => {
    const history = createWatched(2);
    history.record(run('bad', { outcome: failed }));
    for (const id of ['1', '2', '3']) history.record(run(id));
    expect(['bad', '1', '2', '3'].filter((id) => history.run(id))).toEqual(['bad', '2', '3']);
  });

  it('lets go of what a reload says is too much, with the next run', () => {
    const history = createWatched(3);
    for (const id of ['1', '2', '3']) history.record(run(id));
    history.configure({ keepRuns: 1 });
    history.record(run('4'));
    expect(['1', '2', '3', '4'].filter((id) => history.run(id))).toEqual(['4']);
  });

  it('keeps headers and certificates of troubled runs, and of a passed run while it is the last', () => {
    const history = createWatched();
    const facts = { status: 200, headers: { server: 'x' }, tls };
    history.record(run('bad', { outcome: failed, facts }));
    history.record(run('1', { facts }));
    history.record(run('2', { facts }));
    expect(history.run('bad')?.facts).toEqual(facts);
    expect(history.run('1')?.facts).toEqual({ status: 200 });
    expect(history.run('2')?.facts).toEqual(facts);
  });

  it('goes on over a reload that leaves the check as it is', () => {
    const history = createWatched();
    history.record(run('1'));
    history.syncChecks([{ ...check, intervalMs: 1 }]);
    history.record(run('2'));
    expect(history.run('1')).toBeDefined();
    expect(history.last('api')?.runId).toBe('2');
  });

  it('is forgotten when the check is gone or becomes another, and late results are not taken', () => {
    const history = createWatched();
    history.record(run('1'));
    history.syncChecks([{ ...check, target: 'https://new.test/' }]);
    history.record(run('2'));
    history.syncChecks([]);
    history.record(run('3'));
    expect(['1', '2', '3'].filter((id) => history.run(id))).toEqual([]);
    expect(history.last('api')).toBeUndefined();
    expect(history.lastAsked('api')).toBeUndefined();
  });
});

describe('the history of a token', () => {
  it('has its last run, by name and by id, until the token is gone', () => {
    const history = createWatched();
    expect(history.lastOfToken('claude')).toBeUndefined();
    history.recordToken(fresh);
    history.recordToken({ ...fresh, runId: 't2' });
    history.syncTokens(['claude']);
    expect(history.lastOfToken('claude')?.runId).toBe('t2');
    expect(history.tokenRun('t2')?.token).toBe('claude');
    expect(history.tokenRun('t1')).toBeUndefined();
    history.syncTokens([]);
    history.recordToken(fresh);
    expect(history.lastOfToken('claude')).toBeUndefined();
  });
});
