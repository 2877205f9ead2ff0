import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, Grant } from '../../../src/auth/grants/grant.ts';
import { createIssuedSource } from '../../../src/auth/source/issued-source.ts';
import { lifetimeFrom } from '../../../src/auth/source/lifetime.ts';
import { passed, troubled } from '../../../src/model/cause.ts';
import type { TokenResult } from '../../../src/model/result.ts';
import { Secret } from '../../../src/model/secret.ts';
import { PermitRefused } from '../../../src/net/limiter.ts';
import { createVirtualSystem, settle } from '../../support/virtual-system.ts';
import { down, hourMs, keeper, refused, scripted, started } from '../scripted-source.ts';
import { definition } from '../token-lab.ts';

const waitsOf = (askedAtMs: readonly number[]) =>
  askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0));

describe('a source with a scripted grant, over time', () => {
  it('does nothing before it is started', async () => {
    const { system, source, askedAtMs } = scripted('grant');
    await system.clock.advance(hourMs);
    expect(askedAtMs).toEqual([]);
    expect(source.current()).toBeUndefined();
    expect(source.authorizer()).toBeUndefined();
    expect(source.view()).toEqual({ name: 'claude', ageMs: 0, generation: 0 });
    source.suspect(1);
    await settle();
    expect(askedAtMs).toEqual([]);
  });

  it('has a token all the time while its issuer is well', async () => {
    const lab = await started('grant', { lifeMs: 60_000 });
    for (let second = 0; second < 600; second++) {
      expect(lab.source.current()).toBeDefined();
      await lab.system.clock.advance(1000);
    }
    const gaps = lab.askedAtMs.slice(1).map((atMs, index) => atMs - (lab.askedAtMs[index] ?? 0));
    for (const gapMs of gaps) {
      expect(gapMs).toBeGreaterThanOrEqual(45_000);
      expect(gapMs).toBeLessThanOrEqual(48_000);
    }
    expect(new Set(gaps).size).toBeGreaterThan(1);
  });

  it('asks every five seconds at the most, however short its tokens live', async () => {
    const lab = await started('grant', { lifeMs: 1000 });
    await lab.system.clock.advance(60_000);
    expect(lab.askedAtMs).toHaveLength(13);
    expect(lab.source.current()).toBeDefined();
    await lab.system.clock.advance(1000);
    expect(lab.source.current()).toBeUndefined();
  });

  it('uses its token until the end while the issuer is down, and never after', async () => {
    const lab = await started('grant');
    lab.answer = down;
    await lab.system.clock.advance(hourMs - 1);
    expect(lab.source.current()?.generation).toBe(1);
    expect(lab.source.authorizer()).toBeDefined();
    await lab.system.clock.advance(1);
    expect(lab.source.current()).toBeUndefined();
    expect(lab.source.authorizer()).toBeUndefined();
    expect(lab.source.view()).toMatchObject({
      ageMs: hourMs,
      expiresInMs: 0,
      generation: 1,
      lastRun: { kind: 'errored' },
    });
    lab.answer = 'grant';
    await lab.system.clock.advance(60_000);
    expect(lab.source.current()?.generation).toBe(2);
  });

  it('backs off while the issuer is down and its token lives, each wait below a ceiling that doubles up to a minute', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (minutes) => {
        const lab = await started('grant', { lifeMs: 24 * hourMs });
        lab.answer = down;
        lab.source.suspect(1);
        await lab.system.clock.advance(minutes * 60_000);
        for (const [index, waitMs] of waitsOf(lab.askedAtMs.slice(1)).entries()) {
          expect(waitMs).toBeGreaterThanOrEqual(1000);
          expect(waitMs).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** (index + 1)));
        }
        await lab.source.stop();
      }),
      { numRuns: 10 },
    );
  });

  it('asks every ten seconds at the least while it has no token, and has one as soon after the issuer is back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 25_000, max: 600_000 }), async (outageMs) => {
        const lab = await started('grant', { lifeMs: 30_000 });
        lab.answer = down;
        await lab.system.clock.advance(outageMs);
        const isWithout = lab.source.current() === undefined;
        lab.answer = 'grant';
        // The ten seconds count from the end of the token, where that is later.
        await lab.system.clock.advance(10_000 + Math.max(0, 30_000 - outageMs));
        expect(lab.source.current()).toBeDefined();
        if (isWithout) expect(lab.source.current()?.generation).toBe(2);
        const waits = waitsOf(lab.askedAtMs.filter((atMs) => atMs >= 30_000 && atMs <= outageMs));
        expect(Math.max(0, ...waits)).toBeLessThanOrEqual(10_000);
        await lab.source.stop();
      }),
      { numRuns: 20 },
    );
  });

  it('begins its back-off anew after a success', async () => {
    const lab = await started(down);
    await lab.system.clock.advance(600_000);
    lab.answer = 'grant';
    await lab.system.clock.advance(60_000);
    lab.answer = down;
    const before = lab.askedAtMs.length;
    await lab.system.clock.advance(48 * 60_000 + 2000);
    expect(lab.askedAtMs.length).toBeGreaterThanOrEqual(before + 2);
  });

  it('keeps to Retry-After', async () => {
    const system = createVirtualSystem();
    const askedAtMs: number[] = [];
    const grant: Grant = {
      async attempt() {
        askedAtMs.push(system.clock.monotonicMs());
        return { observation: { grant: 'client_credentials', phases: {}, status: 429 }, retryAfterMs: 100_000 };
      },
    };
    const judge = () => troubled('issuer_unavailable', '429');
    createIssuedSource(
      { system, skew: () => undefined, judge, report() {}, warn() {} },
      definition(),
      grant,
      keeper,
    ).start();
    await system.clock.advance(250_000);
    expect(askedAtMs).toEqual([0, 100_000, 200_000]);
  });

  it('never asks again after its refresh token was refused, not even when a target refuses its access token', async () => {
    const lab = await started('grant');
    lab.answer = refused;
    await lab.system.clock.advance(48 * 60_000);
    const asked = lab.askedAtMs.length;
    expect(asked).toBe(2);
    expect(lab.source.current()).toBeDefined();
    lab.source.suspect(1);
    await lab.system.clock.advance(24 * hourMs);
    lab.source.suspect(1);
    expect(lab.source.current()).toBeUndefined();
    await lab.system.clock.advance(24 * hourMs);
    expect(lab.askedAtMs).toHaveLength(asked);
    expect(lab.system.clock.pending()).toBe(0);
  });

  it('asks slowly after another definite refusal', async () => {
    const lab = await started({ error: 'invalid_client', status: 401 });
    await lab.system.clock.advance(hourMs);
    expect(lab.askedAtMs.length).toBeGreaterThanOrEqual(10);
    expect(lab.askedAtMs.length).toBeLessThanOrEqual(16);
  });
});

describe('a suspected token, of a source with a scripted grant', () => {
  it('is refreshed once, and not again within a minute', async () => {
    const lab = await started('grant');
    lab.source.suspect(1);
    lab.source.suspect(1);
    await settle();
    expect(lab.source.current()?.generation).toBe(2);
    await lab.system.clock.advance(59_999);
    lab.source.suspect(1);
    await settle();
    expect(lab.askedAtMs).toHaveLength(2);
    await lab.system.clock.advance(1);
    lab.source.suspect(2);
    await settle();
    expect(lab.askedAtMs).toHaveLength(3);
  });

  it('is not refreshed when it is no longer the one that is held: the run was sent with an older one', async () => {
    const lab = await started('grant', { refresh: { everyMs: 70_000 } });
    await lab.system.clock.advance(70_000);
    expect(lab.source.current()?.generation).toBe(2);
    expect(await lab.source.suspect(1)).toBe('unknown');
    await settle();
    expect(lab.askedAtMs).toHaveLength(2);
  });

  it('leads to one refresh in each minute at the most, whatever is refused and when', async () => {
    const refusals = fc.array(fc.record({ afterMs: fc.nat(40_000), times: fc.integer({ min: 1, max: 3 }) }));
    await fc.assert(
      fc.asyncProperty(refusals, fc.constantFrom('active', 'inactive', 'unknown'), async (moments, answer) => {
        const lab = await started('grant', { lifeMs: 24 * hourMs, introspect: true });
        lab.introspect = async () => answer;
        for (const { afterMs, times } of moments) {
          await lab.system.clock.advance(afterMs);
          const generation = lab.source.current()?.generation ?? 0;
          for (let time = 0; time < times; time++) void lab.source.suspect(generation);
          await settle();
        }
        for (const waitMs of waitsOf(lab.askedAtMs).slice(1)) expect(waitMs).toBeGreaterThanOrEqual(60_000);
        await lab.source.stop();
      }),
      { numRuns: 40 },
    );
  });

  it('does not speed up the back-off of a failing issuer', async () => {
    const lab = await started('grant');
    lab.answer = down;
    lab.source.suspect(1);
    await settle();
    await lab.system.clock.advance(120_000);
    const asked = lab.askedAtMs.length;
    for (let times = 0; times < 50; times++) lab.source.suspect(1);
    await settle();
    expect(lab.askedAtMs).toHaveLength(asked);
  });
});

describe('a host that was suspended, for a source with a scripted grant', () => {
  it('has no token that ended meanwhile, and gets a new one as soon as a run asks for it', async () => {
    const lab = await started('grant');
    await lab.system.clock.advance(60_000);
    lab.system.clock.stepWall(2 * hourMs);
    expect(lab.source.current()).toBeUndefined();
    await settle();
    expect(lab.source.current()?.generation).toBe(2);
  });

  it('gets a new token within half a minute when no run asks', async () => {
    const lab = await started('grant');
    lab.system.clock.stepWall(2 * hourMs);
    await lab.system.clock.advance(30_000);
    expect(lab.askedAtMs).toHaveLength(2);
  });

  it('keeps a token that still has time', async () => {
    const lab = await started('grant');
    lab.system.clock.stepWall(600_000);
    expect(lab.source.current()).toMatchObject({ generation: 1, expiresAtMs: hourMs - 600_000 });
  });
});

describe('the runs of a source with a scripted grant', () => {
  it('are told with phases, duration without queue, and the end of the token that is held', async () => {
    const lab = await started('grant');
    expect(lab.results).toEqual([
      {
        token: 'claude',
        runId: expect.stringMatching(/^[0-9a-f]{32}$/),
        startedAtMs: lab.system.clock.wallMs(),
        phases: { wait: 5, queue: 7 },
        durationMs: 5,
        outcome: passed,
        expiresAtMs: lab.system.clock.wallMs() + hourMs,
      },
    ]);
    lab.answer = down;
    await lab.system.clock.advance(2 * hourMs);
    expect(lab.results.at(-1)).not.toHaveProperty('expiresAtMs');
  });

  it('are skipped when no permit came, and tried again', async () => {
    const lab = await started(new PermitRefused('bound_passed'));
    expect(lab.results[0]?.outcome).toMatchObject({ kind: 'skipped', cause: { code: 'rate_limited_by_self' } });
    lab.answer = 'grant';
    await lab.system.clock.advance(2000);
    expect(lab.source.current()).toBeDefined();
  });

  it('end as internal when there is a bug, and are tried again', async () => {
    const lab = await started(new TypeError('x is not a function'));
    expect(lab.results[0]?.outcome).toMatchObject({ kind: 'errored', cause: { code: 'internal' } });
    lab.answer = 'grant';
    await lab.system.clock.advance(2000);
    expect(lab.source.current()).toBeDefined();
  });

  it('end when the source stops: the one under way is let end, and no other begins', async () => {
    const system = createVirtualSystem();
    const answered = Promise.withResolvers<Attempt>();
    let stopping: AbortSignal | undefined;
    const grant: Grant = {
      attempt(run) {
        stopping = run.stopping;
        return answered.promise;
      },
    };
    const results: TokenResult[] = [];
    const ports = {
      system,
      skew: () => undefined,
      judge: () => passed,
      report: (result: TokenResult) => void results.push(result),
      warn() {},
    };
    const source = createIssuedSource(ports, definition(), grant, keeper);
    source.start();
    source.start();
    const stopped = source.stop();
    await settle();
    expect(stopping?.aborted).toBe(true);
    expect(results).toEqual([]);
    const lifetime = lifetimeFrom({ monotonicMs: 0, wallMs: system.clock.wallMs() });
    const received = { value: new Secret('at'), generation: 1, lifetime, renewable: true };
    answered.resolve({ observation: { grant: 'client_credentials', phases: {}, granted: {} }, received });
    await stopped;
    expect(results).toHaveLength(1);
    expect(system.clock.pending()).toBe(0);
  });

  it('are not waited for when the source is stopped before it began', async () => {
    const { source, results } = scripted('grant');
    await source.stop();
    source.start();
    await source.firstRun;
    expect(results).toEqual([]);
  });

  it('say that they were ended by a stop while they waited for a permit', async () => {
    const lab = await started(new PermitRefused('aborted'));
    expect(lab.results[0]?.outcome).toMatchObject({ kind: 'skipped', cause: { code: 'shutdown' } });
  });
});
