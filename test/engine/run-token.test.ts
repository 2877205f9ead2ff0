import { describe, expect, it } from 'vitest';
import type { Authorizer, TokenHearing } from '../../src/auth/authorizer.ts';
import type { SigningClock } from '../../src/diagnosis/signing-clock.ts';
import { runCheck } from '../../src/engine/run-check.ts';
import { troubled } from '../../src/model/cause.ts';
import type { Standing } from '../../src/model/token.ts';
import type { RunContext } from '../../src/probes/probe.ts';
import { answered, answeredWith, scriptedCheck, scriptedToken, withToken } from '../support/scripted-check.ts';
import { settle } from '../support/virtual-system.ts';
import { due, ending, setUp, state } from './run-world.ts';

describe('a run with a token', () => {
  it('carries the live token', async () => {
    const { clock, ports } = setUp();
    const sent: object[] = [];
    const check = scriptedCheck(
      clock,
      async (context) => {
        sent.push(await context.authorize({ url: new URL('https://api.test'), method: 'GET' }));
        return answered;
      },
      { token: scriptedToken() },
    );
    await runCheck(check, due, state, ports);
    expect(sent).toEqual([{ headers: { authorization: 'Bearer at-live' } }]);
  });

  it('without one carries nothing', async () => {
    const { clock, ports } = setUp();
    const check = scriptedCheck(clock, async (context) => {
      const request = { url: new URL('https://api.test'), method: 'GET' };
      expect(await context.authorize(request)).toEqual({ headers: {} });
      expect(context.heard(request, { status: 200, headers: {} })).toBe('done');
      return answered;
    });
    expect(ending((await runCheck(check, due, state, ports)).outcome)).toBe('passed');
  });

  it('takes no permit when the token is absent, and points to why', async () => {
    const { clock, ports, narrow } = setUp();
    const lastRun = troubled('issuer_unavailable', 'the issuer refused the connection');
    const token = scriptedToken({ lastRun });
    token.live = false;
    const result = await runCheck(
      scriptedCheck(clock, () => answered, { budget: narrow, token }),
      due,
      state,
      ports,
    );
    expect(result.outcome).toMatchObject({
      kind: 'skipped',
      cause: {
        code: 'token_absent',
        detail: expect.stringContaining('issuer_unavailable: the issuer refused the connection'),
        evidence: { token: 'api', token_cause: 'issuer_unavailable' },
      },
    });
    expect(narrow.level()).toBe(1);
  });

  it('gives its permit back when the token dies during the wait', async () => {
    const { clock, ports, narrow } = setUp();
    await narrow.acquire();
    const token = scriptedToken();
    const check = scriptedCheck(clock, () => answered, { budget: narrow, token });
    const run = runCheck(check, { dueMs: 0, awaitedMs: 0, nextDueMs: 5000 }, state, ports);
    await settle();
    token.live = false;
    await clock.advance(1000);
    expect(ending((await run).outcome)).toBe('skipped: token_absent');
    expect(narrow.level()).toBe(1);
  });

  it('suspects it after a 401 that was not asked for', async () => {
    const { clock, ports } = setUp();
    const token = scriptedToken({ generation: 7 });
    await runCheck(scriptedCheck(clock, withToken(401), { token }), due, state, ports);
    expect(token.suspected).toEqual([7]);
    const wanted = { ...scriptedCheck(clock, withToken(401), { token }), assertions: [] };
    await runCheck(wanted, due, state, ports);
    expect(token.suspected).toEqual([7]);
  });

  it('says what the issuer knows of a token that was refused, and asks about the one that was sent', async () => {
    const { clock, ports } = setUp();
    const view = { name: 'api', ageMs: 0, generation: 7 };
    const token = { ...scriptedToken(), view: () => ({ ...view }) };
    const check = scriptedCheck(
      clock,
      async (context) => {
        const observation = await withToken(401)(context);
        view.generation = 8;
        return observation;
      },
      { token: { ...token, suspect: async (generation) => (generation === 7 ? 'revoked' : 'live') } },
    );
    const { outcome } = await runCheck(check, due, state, ports);
    expect(outcome).toMatchObject({ cause: { code: 'token_revoked', evidence: { token_generation: 7 } } });
  });

  it.each<[Standing, string]>([
    ['expired', 'failed: token_expired'],
    ['live', 'failed: unauthorized'],
    ['unknown', 'failed: unauthorized'],
  ])('of which the issuer says %s ends as %s', async (standing, code) => {
    const { clock, ports } = setUp();
    const token = { ...scriptedToken(), suspect: async () => standing };
    const { outcome } = await runCheck(scriptedCheck(clock, withToken(401), { token }), due, state, ports);
    expect(ending(outcome)).toBe(code);
  });

  it("lets the question to the issuer take none of the target's time", async () => {
    const { clock, ports } = setUp();
    const said = Promise.withResolvers<Standing>();
    let deadline: AbortSignal | undefined;
    const check = scriptedCheck(
      clock,
      (context) => {
        deadline = context.deadline.signal;
        return withToken(401)(context);
      },
      { token: { ...scriptedToken(), suspect: () => said.promise }, definition: { timeoutMs: 500 } },
    );
    const run = runCheck(check, due, state, ports);
    await clock.advance(5_000);
    said.resolve('revoked');
    const result = await run;
    expect(ending(result.outcome)).toBe('failed: token_revoked');
    expect(result).toMatchObject({ phases: { connect: 5, wait: 15 }, durationMs: 20 });
    expect(deadline?.aborted).toBe(false);
  });

  it('is not suspected for an answer that was given to no token', async () => {
    const { clock, ports } = setUp();
    const away = scriptedToken({}, { authorize: () => ({ headers: {} }), heard: () => 'done' });
    const unsent = await runCheck(scriptedCheck(clock, withToken(401), { token: away }), due, state, ports);
    expect(unsent.outcome).toMatchObject({
      cause: { code: 'unauthorized', detail: 'the target answered 401 Unauthorized to a request without a token' },
    });
    const token = scriptedToken();
    const elsewhere = scriptedCheck(
      clock,
      async (context) => {
        await withToken(302)(context);
        return answeredWith(401);
      },
      { token },
    );
    await runCheck(elsewhere, due, state, ports);
    expect([...away.suspected, ...token.suspected]).toEqual([]);
  });

  it('ages what is known of it while the target answers', async () => {
    const { clock, ports } = setUp();
    const token = scriptedToken({ ageMs: 1_000, expiresInMs: 3_000 });
    const check = scriptedCheck(
      clock,
      async (context) => {
        const observation = await withToken(401)(context);
        await clock.advance(4_000);
        return observation;
      },
      { token, definition: { timeoutMs: 60_000 } },
    );
    expect((await runCheck(check, due, state, ports)).outcome).toMatchObject({
      cause: { code: 'token_expired', evidence: { token_age_seconds: 5, token_expires_in_seconds: -1 } },
    });
  });

  it('names scopes that the check needs where the target names none', async () => {
    const { clock, ports } = setUp();
    const token = scriptedToken({ scopes: ['models.read'] });
    const needsScopes = ['models.read', 'usage.read'];
    const check = scriptedCheck(clock, withToken(403), { token, definition: { needsScopes } });
    expect((await runCheck(check, due, state, ports)).outcome).toMatchObject({
      cause: { code: 'insufficient_scope', evidence: { missing_scopes: ['usage.read'] } },
    });
    const sufficient = scriptedCheck(clock, () => answered, { token, definition: { needsScopes } });
    expect(ending((await runCheck(sufficient, due, state, ports)).outcome)).toBe('passed');
  });

  it('asks nothing once it has died under its hands', async () => {
    const { clock, ports } = setUp();
    const token = scriptedToken();
    const check = scriptedCheck(
      clock,
      (context) => {
        token.live = false;
        return withToken(200)(context);
      },
      { token },
    );
    expect(ending((await runCheck(check, due, state, ports)).outcome)).toBe('skipped: token_absent');
  });

  it('lets the authorizer that signed hear the answer, and passes its wish on', async () => {
    const { clock, ports } = setUp();
    const heard: TokenHearing[] = [];
    const token = scriptedToken(
      {},
      {
        authorize: () => ({ headers: { dpop: 'proof' } }),
        heard(_, answer) {
          heard.push(answer);
          return 'again';
        },
      },
    );
    const check = scriptedCheck(
      clock,
      async ({ authorize, heard }) => {
        const request = { url: new URL('https://api.test'), method: 'GET' };
        await authorize(request);
        token.live = false;
        expect(heard(request, { status: 401, headers: { 'dpop-nonce': 'n' } })).toBe('again');
        return answered;
      },
      { token },
    );
    expect(ending((await runCheck(check, due, state, ports)).outcome)).toBe('passed');
    expect(heard).toEqual([{ status: 401, headers: { 'dpop-nonce': 'n' } }]);
  });

  it('without one takes a 401 as it comes', async () => {
    const { clock, ports } = setUp();
    const result = await runCheck(
      scriptedCheck(clock, () => answeredWith(401)),
      due,
      state,
      ports,
    );
    expect(ending(result.outcome)).toBe('failed: unauthorized');
  });
});

describe('a run on a host whose clock is off by 400 s', () => {
  const clockOff: SigningClock = {
    skew: { skewMs: 400_000, uncertaintyMs: 20, toleranceMs: 1000 },
    toleranceMs: 1000,
    isCorrected: false,
  };
  const refusedWith = (error: string) => async (context: RunContext) => {
    const { phases, facts } = await withToken(401)(context);
    return { phases, facts: { ...facts, headers: { 'www-authenticate': `DPoP error="${error}"` } } };
  };
  const signing: Authorizer = {
    authorize: () => ({
      headers: { authorization: 'DPoP at-live', dpop: 'proof' },
      signed: { kind: 'dpop_proof', iat: 1_767_225_600 },
    }),
    heard: () => 'done',
  };

  // Here to blame the clock would send people after the wrong fault: the token was revoked, and time is not at issue.
  it('does not blame it for an opaque bearer that was refused', async () => {
    const { clock, ports } = setUp();
    const off = { ...ports, signingClock: () => clockOff };
    const token = scriptedToken();
    const check = scriptedCheck(clock, refusedWith('invalid_token'), { token });
    expect(ending((await runCheck(check, due, state, off)).outcome)).toBe('failed: unauthorized');
    token.standing = 'revoked';
    expect(ending((await runCheck(check, due, state, off)).outcome)).toBe('failed: token_revoked');
  });

  it('blames it for a proof that was refused, by what was known of it when it was signed', async () => {
    const { clock, ports } = setUp();
    let known = clockOff;
    const check = scriptedCheck(
      clock,
      async (context) => {
        const observation = await refusedWith('invalid_dpop_proof')(context);
        known = { toleranceMs: 1000, isCorrected: false };
        return observation;
      },
      { token: scriptedToken({}, signing) },
    );
    const { outcome } = await runCheck(check, due, state, { ...ports, signingClock: () => known });
    expect(outcome).toMatchObject({ cause: { code: 'clock_skew', evidence: { skew_seconds: 400 } } });
  });
});
