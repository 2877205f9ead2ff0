import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/engine/check.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { causeOf } from '../../src/model/cause.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { Result } from '../../src/model/result.ts';
import { answered, answeredWith, scriptedCheck, scriptedToken } from '../support/scripted-check.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';

const signingClock = () => ({ toleranceMs: 1000, isCorrected: false });

function setUp(system = createVirtualSystem()) {
  const results: Result[] = [];
  const engine = createEngine({
    system,
    version: '0',
    mask: (text) => text,
    signingClock,
    uncertaintyShare: () => 0.2,
    report: (result) => results.push(result),
  });
  const named = (name: string, check: Check): Check => ({
    ...check,
    definition: { ...check.definition, name },
    identity: { ...check.identity, name },
  });
  const codes = () => results.map(({ outcome }) => causeOf(outcome)?.code ?? 'passed');
  return { clock: system.clock, engine, results, named, codes };
}

/** An answer that comes when the test says so, or breaks off when the run is ended. */
function held() {
  const { promise, resolve } = Promise.withResolvers<Observation>();
  const cancelled: Observation = {
    phases: {},
    facts: {},
    failure: { phase: 'wait', code: 'CANCELLED', message: 'ended' },
  };
  return {
    answer: () => resolve(answered),
    ask: ({ deadline }: { deadline: { signal: AbortSignal } }) => {
      deadline.signal.addEventListener('abort', () => resolve(cancelled));
      return promise;
    },
  };
}

describe('the engine', () => {
  it('runs each check once an interval and keeps its state', async () => {
    const { clock, engine, results, named } = setUp();
    engine.configure([
      named(
        'a',
        scriptedCheck(clock, () => answered),
      ),
      named(
        'b',
        scriptedCheck(clock, () => answeredWith(500)),
      ),
    ]);
    expect(engine.reports().map(({ state }) => state.status)).toEqual(['unknown', 'unknown']);
    await clock.advance(3000);
    expect(results.filter(({ check }) => check.name === 'a')).toHaveLength(3);
    expect(engine.reports().map(({ check, state }) => [check.name, state.status, state.consecutiveFailures])).toEqual([
      ['a', 'passing', 0],
      ['b', 'failing', 3],
    ]);
  });

  it('does not double a run that is still going', async () => {
    const { clock, engine, codes } = setUp();
    const run = held();
    engine.configure([scriptedCheck(clock, run.ask, { definition: { timeoutMs: 60_000 } })]);
    await clock.advance(3000);
    expect(codes()).toEqual(['overrun', 'overrun']);
    run.answer();
    await settle();
    expect(codes()).toEqual(['overrun', 'overrun', 'passed']);
  });

  it("starts a check's schedule when its token has had its first run", async () => {
    const { clock, engine, results } = setUp();
    const token = scriptedToken();
    engine.configure([scriptedCheck(clock, () => answered, { token })]);
    await clock.advance(5000);
    expect(results).toEqual([]);
    token.endFirstRun();
    await clock.advance(1000);
    expect(results).toHaveLength(1);
  });

  it('shows that it is alive', async () => {
    const { clock, engine } = setUp();
    await clock.advance(10_400);
    expect(engine.heartbeatAgeMs()).toBe(400);
  });

  it.each([
    ['every two seconds', { everyMs: 2_000 }],
    ['by cron', { cron: '*/2 * * * * *', timezone: 'UTC' }],
  ])('does not look alive when the loop turns and a check that runs %s is not called (faked)', async (_, schedule) => {
    const system = createVirtualSystem();
    let isLost = false;
    const after: typeof system.clock.after = (delayMs, callback) =>
      // The engine's own beat goes on.
      system.clock.after(delayMs, () => (isLost && delayMs !== 1_000 ? undefined : callback()));
    const { engine, clock, results } = setUp({ ...system, clock: { ...system.clock, after } });
    engine.configure([scriptedCheck(clock, () => answered, { definition: { schedule } })]);
    await clock.advance(20_100);
    expect(results.length).toBeGreaterThan(8);
    expect(engine.heartbeatAgeMs()).toBeLessThan(1_000);
    isLost = true;
    await clock.advance(10_000);
    expect(engine.heartbeatAgeMs()).toBeGreaterThan(7_000);
    engine.configure([]);
    expect(engine.heartbeatAgeMs()).toBeLessThan(1_000);
  });

  it('is as alive as before when a check waits for its token, is still asking, or is not to run any more', async () => {
    const { clock, engine, named } = setUp();
    const run = held();
    engine.configure([
      named(
        'waiting',
        scriptedCheck(clock, () => answered, { token: scriptedToken() }),
      ),
      named('asking', scriptedCheck(clock, run.ask, { definition: { timeoutMs: 60_000 } })),
    ]);
    await clock.advance(20_100);
    expect(engine.heartbeatAgeMs()).toBeLessThan(1_000);
    const stopped = engine.stop(60_000);
    await clock.advance(20_100);
    expect(engine.heartbeatAgeMs()).toBeLessThan(1_000);
    run.answer();
    await stopped;
  });
});

describe('a reload', () => {
  it('keeps state, count and place in the interval of a check that stays', async () => {
    const { clock, engine, results } = setUp();
    engine.configure([scriptedCheck(clock, () => answeredWith(500))]);
    await clock.advance(2000);
    expect(results).toHaveLength(2);
    engine.configure([scriptedCheck(clock, () => answeredWith(500), { definition: { labels: { team: 'a' } } })]);
    await clock.advance(1000);
    expect(results).toHaveLength(3);
    expect(results[2]?.state.consecutiveFailures).toBe(3);
  });

  it('gives a new interval to a check that changes it', async () => {
    const { clock, engine, results } = setUp();
    engine.configure([scriptedCheck(clock, () => answered)]);
    await clock.advance(1000);
    engine.configure([scriptedCheck(clock, () => answered, { definition: { schedule: { everyMs: 100 } } })]);
    await clock.advance(1000);
    expect(results).toHaveLength(11);
  });

  it('goes on in time with another token, and says so while that is not there', async () => {
    const { clock, engine, codes } = setUp();
    engine.configure([scriptedCheck(clock, () => answered)]);
    await clock.advance(1000);
    const token = scriptedToken();
    token.live = false;
    engine.configure([scriptedCheck(clock, () => answered, { token })]);
    await clock.advance(1000);
    token.live = true;
    await clock.advance(1000);
    expect(codes()).toEqual(['passed', 'token_absent', 'passed']);
  });

  it('waits for the first run of another token when it has not begun yet', async () => {
    const { clock, engine, results } = setUp();
    const [before, after] = [scriptedToken(), scriptedToken()];
    engine.configure([scriptedCheck(clock, () => answered, { token: before })]);
    engine.configure([scriptedCheck(clock, () => answered, { token: after })]);
    before.endFirstRun();
    await clock.advance(2000);
    expect(results).toEqual([]);
    after.endFirstRun();
    await clock.advance(1000);
    expect(results).toHaveLength(1);
  });

  it('knows nothing of another target, whatever the one before it answers late', async () => {
    const { clock, engine, results } = setUp();
    const run = held();
    const patient = { definition: { timeoutMs: 60_000 } };
    const before = scriptedCheck(clock, run.ask, patient);
    engine.configure([before]);
    await clock.advance(1000);
    const elsewhere = {
      ...scriptedCheck(clock, () => answered),
      identity: { ...before.identity, target: 'elsewhere' },
    };
    engine.configure([elsewhere]);
    run.answer();
    await settle();
    expect(results).toEqual([]);
    expect(engine.reports()[0]?.state.status).toBe('unknown');
    await clock.advance(1000);
    expect(engine.reports()[0]?.state.status).toBe('passing');
  });

  it('does not double a run of a check that goes and comes back', async () => {
    const { clock, engine, codes } = setUp();
    let asked = 0;
    const run = held();
    const check = scriptedCheck(
      clock,
      (context) => {
        asked++;
        return run.ask(context);
      },
      { definition: { timeoutMs: 60_000 } },
    );
    engine.configure([check]);
    await clock.advance(1000);
    engine.configure([]);
    engine.configure([check]);
    await clock.advance(1000);
    expect(asked).toBe(1);
    expect(codes()).toEqual(['overrun']);
  });

  it('drops a check that is gone, also the result of a run under way', async () => {
    const { clock, engine, results } = setUp();
    const run = held();
    engine.configure([scriptedCheck(clock, run.ask, { definition: { timeoutMs: 60_000 } })]);
    await clock.advance(1000);
    engine.configure([]);
    run.answer();
    await clock.advance(3000);
    expect(results).toEqual([]);
    expect(engine.reports()).toEqual([]);
  });

  it('does not start a check that went before its token was there', async () => {
    const { clock, engine, results } = setUp();
    const token = scriptedToken();
    engine.configure([scriptedCheck(clock, () => answered, { token })]);
    engine.configure([]);
    token.endFirstRun();
    await clock.advance(3000);
    expect(results).toEqual([]);
  });
});

describe('a stop', () => {
  it('lets running checks end and begins none', async () => {
    const { clock, engine, codes } = setUp();
    const run = held();
    engine.configure([scriptedCheck(clock, run.ask, { definition: { timeoutMs: 60_000 } })]);
    await clock.advance(1000);
    let stopped = false;
    const end = engine.stop(10_000).then(() => {
      stopped = true;
    });
    await clock.advance(3000);
    expect(stopped).toBe(false);
    run.answer();
    await end;
    expect(codes()).toEqual(['passed']);
    expect(clock.pending()).toBe(0);
  });

  it('ends what is still running after the grace period', async () => {
    const { clock, engine, codes } = setUp();
    engine.configure([scriptedCheck(clock, held().ask, { definition: { timeoutMs: 60_000 } })]);
    await clock.advance(1000);
    const end = engine.stop(10_000);
    await clock.advance(10_000);
    await end;
    expect(codes()).toEqual(['shutdown']);
  });

  it('does not start a check whose token comes later', async () => {
    const { clock, engine, results } = setUp();
    const token = scriptedToken();
    engine.configure([scriptedCheck(clock, () => answered, { token })]);
    await engine.stop(0);
    token.endFirstRun();
    await clock.advance(3000);
    expect(results).toEqual([]);
  });
});
