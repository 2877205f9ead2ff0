import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issuer } from '../../src/auth/issuer.ts';
import { Secret } from '../../src/model/secret.ts';
import { PermitRefused } from '../../src/net/limiter.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
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

  it('waits for the end of the cool-down for its refresh when another one was suspected before, and says so', async () => {
    const lab = await answering('active');
    await lab.source.suspect(1);
    await lab.system.clock.advance(20_000);
    lab.introspect = async () => 'inactive';
    expect(await lab.source.suspect(2)).toBe('revoked');
    expect(lab.source.view()).toMatchObject({ generation: 0, inactive: { isRevoked: true, nextInMs: 40_000 } });
    await lab.system.clock.advance(39_999);
    expect(lab.source.current()).toBeUndefined();
    expect(lab.source.view()).toMatchObject({ inactive: { isRevoked: true, nextInMs: 1 } });
    await lab.system.clock.advance(1);
    expect(lab.source.current()?.generation).toBe(3);
    expect(lab.source.view()).not.toHaveProperty('inactive');
  });

  it('is not called inactive any more once a run has failed, whose cause says more', async () => {
    const lab = await answering('inactive');
    lab.answer = down;
    const slow = Promise.withResolvers<void>();
    lab.answering = slow.promise;
    expect(await lab.source.suspect(1)).toBe('revoked');
    expect(lab.source.view()).toMatchObject({ inactive: { isRevoked: true, nextInMs: 0 } });
    slow.resolve();
    await settle();
    expect(lab.source.view()).not.toHaveProperty('inactive');
    expect(lab.source.view()).toMatchObject({ lastRun: { kind: 'errored' } });
  });

  it('is taken out of the exported file', async () => {
    const file = join(await temporaryFolder(), 'token');
    const lab = await answering('inactive', { exportTo: { file, mode: 0o600 } });
    expect(await readFile(file, 'utf8')).toBe('at1');
    lab.answer = down;
    await lab.source.suspect(1);
    await lab.source.stop();
    await expect.poll(() => stat(file).catch(({ code }) => code)).toBe('ENOENT');
  });
});

const target = { url: new URL('https://api.test'), method: 'GET' };
const other = { url: new URL('https://other.test'), method: 'GET' };
const minuteMs = 60_000;

/** A run whose target answers so; one that is refused suspects its token. */
async function sent(lab: Scripted, request: typeof target, status: number) {
  const token = lab.source.current();
  lab.source.authorizer()?.heard(request, { status, headers: {} });
  return status === 401 && token ? lab.source.suspect(token.generation) : undefined;
}

describe('an issuer that calls every token inactive, of a source with a scripted grant', () => {
  it('is not believed of a fresh token when it said so of the one before, and it is told once', async () => {
    const lab = await answering('inactive');
    expect(await sent(lab, target, 401)).toBe('revoked');
    await settle();
    for (let minutes = 0; minutes < 5; minutes++) {
      await lab.system.clock.advance(minuteMs);
      expect(await sent(lab, target, 401)).toBe('unknown');
      expect(lab.source.current()).toBeDefined();
    }
    expect(lab.warnings).toEqual([
      expect.stringMatching(/^Token claude: its issuer calls a token inactive that it has/),
    ]);
  });

  it('is not believed either when another target takes the token', async () => {
    const lab = await answering('inactive');
    await sent(lab, target, 401);
    await settle();
    await sent(lab, other, 200);
    await lab.system.clock.advance(minuteMs / 2);
    expect(await sent(lab, target, 401)).toBe('unknown');
  });

  it('is believed of a token that was of use for a while, and again once it has called one active', async () => {
    const lab = await answering('inactive');
    await sent(lab, target, 401);
    await settle();
    await sent(lab, target, 200);
    await lab.system.clock.advance(minuteMs);
    expect(await sent(lab, target, 401)).toBe('revoked');
    await settle();
    expect(await sent(lab, target, 401)).toBe('unknown');
    await lab.system.clock.advance(minuteMs);
    lab.introspect = async () => 'active';
    expect(await sent(lab, target, 401)).toBe('live');
    await lab.system.clock.advance(minuteMs);
    lab.introspect = async () => 'inactive';
    expect(await sent(lab, target, 401)).toBe('revoked');
    expect(lab.warnings).toHaveLength(1);
  });
});

describe('a target that refuses every token, of a source with a scripted grant', () => {
  /** Minutes at which the issuer was asked, with a run each minute. */
  const askedInMinutes = async (lab: Scripted, minutes: number, status = 401) => {
    for (let minute = 0; minute < minutes; minute++) {
      await sent(lab, target, status);
      await sent(lab, other, 200);
      await lab.system.clock.advance(minuteMs);
    }
    return lab.askedAtMs.slice(1).map((atMs) => atMs / minuteMs);
  };

  it('has the issuer asked less and less, down to once an hour, whoever else takes the token', async () => {
    const lab = await started('grant', { lifeMs: 100 * hourMs });
    expect(await askedInMinutes(lab, 250)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('has it asked as at first after it has taken one, and after a login', async () => {
    const lab = await started('grant', { lifeMs: 100 * hourMs });
    await askedInMinutes(lab, 20);
    await askedInMinutes(lab, 1, 200);
    expect((await askedInMinutes(lab, 10)).slice(5)).toEqual([21, 22, 24, 28]);
    await lab.source.adopt?.({ accessToken: new Secret('at'), sentAt: { monotonicMs: 0, wallMs: 0 } });
    expect((await askedInMinutes(lab, 4)).slice(9)).toEqual([31, 31, 32, 34]);
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
