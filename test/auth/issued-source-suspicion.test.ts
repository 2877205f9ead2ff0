import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issuer } from '../../src/auth/issuer.ts';
import { PermitRefused } from '../../src/net/limiter.ts';
import { settle } from '../support/virtual-system.ts';
import { down, hourMs, type Scripted, started } from './scripted-source.ts';

type Answer = Awaited<ReturnType<Issuer['introspect']>>;

/** A source that asks its issuer about suspected tokens; `give` is what the issuer says in the end. */
async function introspecting(members: Parameters<typeof started>[1] = {}) {
  const lab = await started('grant', { introspect: true, ...members });
  const { promise, resolve } = Promise.withResolvers<Answer>();
  lab.introspect = () => promise;
  return { lab, give: resolve };
}

const answering = async (answer: Answer, members: Parameters<typeof started>[1] = {}): Promise<Scripted> => {
  const { lab, give } = await introspecting(members);
  give(answer);
  return lab;
};

describe('a suspected token that the issuer is asked about, of a source with a scripted grant', () => {
  it('is revoked when it is not active before its time: never sent again, and refreshed', async () => {
    const lab = await answering('inactive');
    const before = lab.source.authorizer();
    expect(await lab.source.suspect(1)).toBe('revoked');
    expect(lab.source.authorizer()).not.toBe(before);
    await settle();
    expect(lab.source.current()?.generation).toBe(2);
    expect(lab.inquiries).toEqual(['at1']);
  });

  it('is gone although no refresh succeeds', async () => {
    const lab = await answering('inactive');
    lab.answer = down;
    expect(await lab.source.suspect(1)).toBe('revoked');
    await lab.system.clock.advance(hourMs / 2);
    expect(lab.source.current()).toBeUndefined();
    expect(lab.source.authorizer()).toBeUndefined();
  });

  it('is gone while runs fail as well: the back-off says when the issuer is asked for another', async () => {
    const lab = await answering('inactive', { refresh: { everyMs: 10_000 } });
    lab.answer = down;
    await lab.system.clock.advance(600_000);
    const asked = lab.askedAtMs.length;
    expect(await lab.source.suspect(1)).toBe('revoked');
    await settle();
    expect(lab.source.current()).toBeUndefined();
    expect(lab.askedAtMs).toHaveLength(asked);
  });

  it('is live when it is active, and has its one refresh all the same', async () => {
    const lab = await answering('active');
    expect(await lab.source.suspect(1)).toBe('live');
    await settle();
    expect(lab.source.current()?.generation).toBe(2);
  });

  it('is not known when the issuer has no usable answer, or no permit comes', async () => {
    const lab = await answering('unknown');
    expect(await lab.source.suspect(1)).toBe('unknown');
    await settle();
    expect(lab.source.current()?.generation).toBe(2);
    lab.introspect = () => Promise.reject(new PermitRefused('bound_passed'));
    expect(await lab.source.suspect(2)).toBe('unknown');
  });

  it('has expired when its life ended while the issuer was asked', async () => {
    const { lab, give } = await introspecting({ lifeMs: 6000, refresh: { everyMs: hourMs } });
    await lab.system.clock.advance(4000);
    lab.answer = down;
    const standing = lab.source.suspect(1);
    lab.system.clock.stepWall(20_000);
    give('inactive');
    expect(await standing).toBe('expired');
  });

  it('is asked about once for all who suspect it at a time, and once in a minute', async () => {
    const { lab, give } = await introspecting({ lifeMs: 24 * hourMs });
    lab.answer = down;
    const standings = Promise.all([lab.source.suspect(1), lab.source.suspect(1), lab.source.suspect(1)]);
    give('active');
    expect(await standings).toEqual(['live', 'live', 'live']);
    await lab.system.clock.advance(59_999);
    expect(await lab.source.suspect(1)).toBe('live');
    expect(lab.inquiries).toHaveLength(1);
    await lab.system.clock.advance(1);
    await lab.source.suspect(1);
    expect(lab.inquiries).toHaveLength(2);
  });

  it('is revoked for all who suspected it, also for those who come late', async () => {
    const lab = await answering('inactive');
    expect(await Promise.all([lab.source.suspect(1), lab.source.suspect(1)])).toEqual(['revoked', 'revoked']);
    await settle();
    expect(lab.source.current()?.generation).toBe(2);
    expect(await lab.source.suspect(1)).toBe('revoked');
    expect(lab.source.current()?.generation).toBe(2);
  });

  it('is asked about no longer than the timeout of the token', async () => {
    const lab = await started('grant', { introspect: true, timeoutMs: 3000 });
    lab.introspect = ({ cutOff, stopping }) =>
      new Promise((resolve) =>
        cutOff.addEventListener('abort', () => resolve(stopping.aborted ? 'unknown' : 'active')),
      );
    const standing = lab.source.suspect(1);
    await lab.system.clock.advance(3000);
    expect(await standing).toBe('unknown');
  });

  it('is asked about no longer when the source stops, and not at all after', async () => {
    const lab = await started('grant', { introspect: true });
    lab.introspect = ({ cutOff }) =>
      new Promise((resolve) => cutOff.addEventListener('abort', () => resolve('unknown')));
    const standing = lab.source.suspect(1);
    await lab.source.stop();
    expect(await standing).toBe('unknown');
    expect(await lab.source.suspect(1)).toBe('unknown');
    expect(lab.inquiries).toHaveLength(1);
    expect(lab.system.clock.pending()).toBe(0);
  });

  it('is not called revoked when a refresh came in between: that may have ended it', async () => {
    const { lab, give } = await introspecting({ refresh: { everyMs: 20_000 } });
    await lab.system.clock.advance(15_000);
    const standing = lab.source.suspect(1);
    await lab.system.clock.advance(5000);
    expect(lab.source.current()?.generation).toBe(2);
    give('inactive');
    expect(await standing).toBe('unknown');
    expect(lab.source.current()?.generation).toBe(2);
  });

  it('is not called revoked either when the refresh is still under way, and is gone all the same', async () => {
    const { lab, give } = await introspecting({ refresh: { everyMs: 20_000 } });
    await lab.system.clock.advance(15_000);
    const standing = lab.source.suspect(1);
    const slow = Promise.withResolvers<void>();
    lab.answering = slow.promise;
    lab.answer = down;
    await lab.system.clock.advance(5000);
    give('inactive');
    expect(await standing).toBe('unknown');
    expect(lab.source.current()).toBeUndefined();
    slow.resolve();
    await settle();
    expect(lab.source.current()).toBeUndefined();
  });

  it('leaves a bug for the run that suspected it to tell', async () => {
    const lab = await started('grant', { introspect: true });
    lab.introspect = () => Promise.reject(new TypeError('bug'));
    await expect(lab.source.suspect(1)).rejects.toThrow(TypeError);
  });

  it('waits for the end of the cool-down for its refresh when it is the second one that is revoked', async () => {
    const lab = await answering('inactive');
    await lab.source.suspect(1);
    await lab.system.clock.advance(20_000);
    expect(await lab.source.suspect(2)).toBe('revoked');
    await lab.system.clock.advance(39_999);
    expect(lab.source.current()).toBeUndefined();
    await lab.system.clock.advance(1);
    expect(lab.source.current()?.generation).toBe(3);
  });
});

describe('a token that is known dead', () => {
  type Move = 'wait' | 'revoke' | 'suspect' | 'fail' | 'mend';
  const moves = fc.array(
    fc.record({
      move: fc.constantFrom<Move>('wait', 'revoke', 'suspect', 'suspect', 'fail', 'mend'),
      waitMs: fc.nat(90_000),
    }),
    { maxLength: 30 },
  );

  it('is never sent, whatever is refused, revoked and broken in whatever order (with a scripted grant)', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (steps) => {
        const lab = await started('grant', { lifeMs: 300_000, introspect: true });
        const dead = new Set<string>();
        const told = new Set<string>();
        lab.introspect = async (_run, token) => (dead.has(token.reveal()) ? 'inactive' : 'active');
        for (const { move, waitMs } of steps) {
          const token = lab.source.current();
          if (move === 'revoke' && token) dead.add(token.value.reveal());
          if (move === 'fail') lab.answer = down;
          if (move === 'mend') lab.answer = 'grant';
          if (move === 'suspect' && token && (await lab.source.suspect(token.generation)) === 'revoked')
            told.add(token.value.reveal());
          await lab.system.clock.advance(move === 'wait' ? waitMs : 0);
          const sent = await lab.source.authorizer()?.authorize({ url: new URL('https://api.test'), method: 'GET' });
          expect(told).not.toContain(sent?.headers.authorization?.replace('Bearer ', ''));
        }
        await lab.source.stop();
      }),
      { numRuns: 60 },
    );
  });
});
