import { describe, expect, it } from 'vitest';
import { runCheck, skipCheck } from '../../src/engine/run-check.ts';
import { troubled } from '../../src/model/cause.ts';
import { answered, answeredWith, scriptedCheck, scriptedToken } from '../support/scripted-check.ts';
import { settle } from '../support/virtual-system.ts';
import { due, ending, setUp, state } from './run-world.ts';

describe('a run', () => {
  it('goes from due to result', async () => {
    const { clock, ports } = setUp();
    await clock.advance(7);
    const result = await runCheck(
      scriptedCheck(clock, () => answered),
      due,
      state,
      ports,
    );
    expect(result).toMatchObject({
      check: { name: 'check', target: 'scripted' },
      runId: expect.stringMatching(/^[0-9a-f]{32}$/),
      latenessMs: 7,
      phases: { connect: 5, wait: 15 },
      durationMs: 20,
      uncertaintyMs: 0,
      isUncertain: false,
      facts: { status: 200 },
      outcome: { kind: 'passed' },
      state: { status: 'passing', consecutiveFailures: 0 },
    });
  });

  it.each([
    [20, 5, false],
    [20, 6, true],
    [100, 20, false],
    [100, 21, true],
  ])(
    'of %d ms with %d ms of doubt at a share of 20%% has a mark: %s',
    async (durationMs, uncertaintyMs, isUncertain) => {
      const { clock, ports } = setUp();
      const check = scriptedCheck(clock, () => ({ ...answered, phases: { wait: durationMs }, uncertaintyMs }));
      expect(await runCheck(check, due, state, ports)).toMatchObject({ durationMs, uncertaintyMs, isUncertain });
    },
  );

  it('sends its id as the trace id, with a new span for each request', async () => {
    const { clock, ports } = setUp();
    const sent: Readonly<Record<string, string>>[] = [];
    const check = scriptedCheck(clock, (context) => {
      sent.push(context.ownHeaders(), context.ownHeaders());
      return answered;
    });
    const { runId } = await runCheck(check, due, state, ports);
    expect(sent[0]?.['user-agent']).toBe('sonde/1.2.3');
    expect(sent[0]?.traceparent).toMatch(new RegExp(`^00-${runId}-[0-9a-f]{16}-01$`));
    expect(sent[1]?.traceparent).not.toBe(sent[0]?.traceparent);
  });

  it('sends no trace id when tracing is off', async () => {
    const { clock, ports } = setUp();
    const sent: object[] = [];
    const check = scriptedCheck(
      clock,
      (context) => {
        sent.push(context.ownHeaders());
        return answered;
      },
      { definition: { trace: false } },
    );
    await runCheck(check, due, state, ports);
    expect(sent).toEqual([{ 'user-agent': 'sonde/1.2.3' }]);
  });

  it('is diagnosed when the answer is wrong', async () => {
    const { clock, ports } = setUp();
    const result = await runCheck(
      scriptedCheck(clock, () => answeredWith(503)),
      due,
      state,
      ports,
    );
    expect(ending(result.outcome)).toBe('failed: upstream_5xx');
    expect(result.state.status).toBe('failing');
    expect(result.verdicts).toHaveLength(1);
  });

  it('ends as internal, and says so, when there is a bug', async () => {
    const { clock, ports } = setUp();
    const bug = await runCheck(
      scriptedCheck(clock, () => {
        throw new Error('undefined is not a function');
      }),
      due,
      state,
      ports,
    );
    expect(bug.outcome).toMatchObject({
      kind: 'errored',
      cause: { code: 'internal', detail: 'undefined is not a function' },
    });
    const odd = await runCheck(
      scriptedCheck(clock, () => Promise.reject('a bare string')),
      due,
      state,
      ports,
    );
    expect(odd.outcome).toMatchObject({ cause: { code: 'internal', detail: 'a bare string' } });
  });

  it('lets no secret out: not in facts, not in the cause, and never the body or a cookie', async () => {
    const { clock, ports } = setUp();
    const check = scriptedCheck(clock, () => ({
      phases: { wait: 1 },
      facts: { status: 500, body: 'at-live', headers: { 'x-echo': 'Bearer at-live', 'set-cookie': 'session=1' } },
    }));
    const result = await runCheck(check, due, state, ports);
    expect(result.facts).toEqual({ status: 500, headers: { 'x-echo': 'Bearer [secret]', 'set-cookie': '[secret]' } });
    const leak = scriptedCheck(clock, () => Promise.reject(new Error('sent at-live')));
    expect(JSON.stringify(await runCheck(leak, due, state, ports))).not.toContain('at-live');
  });

  it('lets no part of a secret out by shortening what a target echoes', async () => {
    const { clock, ports } = setUp();
    const token = 'eyJhbGciOiJSUzI1NiJ9.'.padEnd(300, 'x');
    const echo = `Bearer error="invalid_token", error_description="${'.'.repeat(150)} ${token}"`;
    const check = scriptedCheck(clock, () => ({
      phases: { wait: 1 },
      facts: { status: 401, headers: { 'www-authenticate': echo } },
    }));
    const result = await runCheck(check, due, state, { ...ports, mask: (text) => text.replaceAll(token, '[secret]') });
    expect(JSON.stringify(result)).not.toContain('eyJhbGci');
  });

  it('shows neither the proof that it signed nor the cookie that was set when a target echoes them', async () => {
    const { clock, ports } = setUp();
    const sent = {
      authorization: 'DPoP a-borrowed-token',
      dpop: 'eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl',
    };
    const token = scriptedToken({}, { authorize: () => ({ headers: sent }), heard: () => 'done' });
    const request = { url: new URL('https://api.test'), method: 'GET' };
    const check = scriptedCheck(
      clock,
      async (context) => {
        const { headers } = await context.authorize(request);
        context.heard(request, { status: 500, headers: {} });
        const cookie = 'session=of-this-run-alone';
        context.received({ 'set-cookie': cookie });
        const body = `{"error":"${headers.dpop} ${btoa('a-borrowed-token')} ${cookie}"}`;
        const url = `https://api.test/${context.conceal(cookie)}`;
        return { phases: { wait: 1 }, facts: { url, status: 500, body, headers: { 'x-echo': body } } };
      },
      { token },
    );
    const told = JSON.stringify(await runCheck(check, due, state, ports));
    expect(told).toContain('https://api.test/session=[secret]');
    for (const secret of [sent.dpop, 'a-borrowed-token', btoa('a-borrowed-token').slice(0, 16), 'of-this-run-alone'])
      expect(told).not.toContain(secret);
  });

  it('leaves no timer behind', async () => {
    const { clock, ports } = setUp();
    await runCheck(
      scriptedCheck(clock, () => answered),
      due,
      state,
      ports,
    );
    expect(clock.pending()).toBe(0);
  });
});

describe('the wait for a permit', () => {
  it("is a phase of its own and never eats the target's time", async () => {
    const { clock, ports, narrow } = setUp();
    await narrow.acquire();
    let leftMs = 0;
    const check = scriptedCheck(
      clock,
      ({ deadline }) => {
        leftMs = deadline.remainingMs();
        return answered;
      },
      { budget: narrow, definition: { timeoutMs: 500 } },
    );
    const run = runCheck(check, { dueMs: 0, awaitedMs: 0, nextDueMs: 5000 }, state, ports);
    await clock.advance(1000);
    const result = await run;
    expect(result.phases).toEqual({ queue: 1000, connect: 5, wait: 15 });
    expect(result.durationMs).toBe(20);
    expect(leftMs).toBe(500);
  });

  it('ends when the next run is due', async () => {
    const { clock, ports, narrow } = setUp();
    await narrow.acquire();
    const check = scriptedCheck(clock, () => answered, { budget: narrow });
    const run = runCheck(check, { dueMs: 0, awaitedMs: 0, nextDueMs: 400 }, state, ports);
    await clock.advance(400);
    const result = await run;
    expect(ending(result.outcome)).toBe('skipped: rate_limited_by_self');
    expect(result.outcome).toMatchObject({ cause: { evidence: { budget: 'narrow', waited_ms: 400, waiting: 0 } } });
    expect(result.phases).toEqual({ queue: 400 });
    expect(result.state).toBe(state);
  });

  it('ends when sonde stops', async () => {
    const { clock, ports, narrow, stop } = setUp();
    await narrow.acquire();
    const run = runCheck(
      scriptedCheck(clock, () => answered, { budget: narrow }),
      due,
      state,
      ports,
    );
    await settle();
    stop.abort();
    expect(ending((await run).outcome)).toBe('skipped: shutdown');
  });
});

describe('a check whose secret has not come', () => {
  it('ends in secret_unavailable and takes no permit', async () => {
    const { clock, ports, narrow } = setUp();
    const missingSecret = { reference: `\${vault:secret/lab#key}`, problem: 'Vault is sealed' };
    const check = scriptedCheck(clock, () => answered, { budget: narrow, definition: { missingSecret } });
    expect((await runCheck(check, due, state, ports)).outcome).toMatchObject({
      kind: 'errored',
      cause: { code: 'secret_unavailable', detail: `\${vault:secret/lab#key} cannot be had: Vault is sealed` },
    });
    expect(narrow.level()).toBe(1);
  });
});

describe('a skipped run', () => {
  it('asks nothing and changes no count', () => {
    const { clock, ports } = setUp();
    const overrun = troubled('overrun', 'the run before is still going');
    const result = skipCheck(
      scriptedCheck(clock, () => answered),
      due,
      state,
      overrun,
      ports,
    );
    expect(result).toMatchObject({ durationMs: 0, phases: {}, facts: {}, outcome: overrun });
    expect(result.state).toBe(state);
  });
});
