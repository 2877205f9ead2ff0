import { describe, expect, it } from 'vitest';
import { PermitRefused } from '../../src/net/limiter.ts';
import type { RunContext } from '../../src/probes/probe.ts';
import { ask, redirect } from './ask-http.ts';
import { answer, createProbeWorld } from './probe-world.ts';

describe('a request that a target wants once more (scripted fake client)', () => {
  const nonceWanted = { response: answer(401, { 'dpop-nonce': 'n1' }) };

  /** A world whose authorizer asks for another try on each 401, as one does that was given a nonce. */
  function createNonceWorld() {
    const world = createProbeWorld();
    let proofs = 0;
    const context: RunContext = {
      ...world.context,
      authorize: async () => ({ headers: { dpop: `proof ${++proofs}` } }),
      heard: (request, hearing) => {
        world.context.heard(request, hearing);
        return hearing.status === 401 ? 'again' : 'done';
      },
    };
    return { ...world, context };
  }

  it('is made anew, with a permit of its own, and the phases are summed', async () => {
    const steps = [nonceWanted, { response: answer(200, {}, 'in') }];
    const { observation, requests, world } = await ask(
      [{ url: 'https://api.example.com/a' }],
      (_, i) => steps[i] ?? {},
      createNonceWorld(),
    );
    expect(requests.map(({ url, headers }) => [url.pathname, headers.dpop])).toEqual([
      ['/a', 'proof 1'],
      ['/a', 'proof 2'],
    ]);
    expect(observation).toMatchObject({
      phases: { connect: 2, wait: 20 },
      facts: { status: 200, body: 'in', redirects: [] },
    });
    expect(world.heard).toEqual(['401 https://api.example.com/a', '200 https://api.example.com/a']);
    expect(world.budget.level()).toBe(98);
  });

  it('is made anew once at most, and then the refusal stands', async () => {
    const { observation, requests, world } = await ask([{}], () => nonceWanted, createNonceWorld());
    expect(requests).toHaveLength(2);
    expect(observation.facts.status).toBe(401);
    expect(world.heard).toHaveLength(2);
  });

  it('is made anew once on each leg of a redirect', async () => {
    const steps = [nonceWanted, redirect(307, '/b'), nonceWanted, { response: answer(200) }];
    const { observation, requests } = await ask([{}], (_, i) => steps[i] ?? {}, createNonceWorld());
    expect(requests.map(({ url }) => url.pathname)).toEqual(['/', '/', '/b', '/b']);
    expect(observation.facts.status).toBe(200);
  });

  it('is not made anew when its answer broke off, though the nonce is kept', async () => {
    const failure = { phase: 'transfer', code: 'ECONNRESET', message: 'gone' } as const;
    const { observation, requests, world } = await ask([{}], () => ({ ...nonceWanted, failure }), createNonceWorld());
    expect(requests).toHaveLength(1);
    expect(world.heard).toHaveLength(1);
    expect(observation.failure).toEqual(failure);
  });

  it('ends the run when there is no permit for it', async () => {
    const world = createNonceWorld();
    const permits = [world.context.permit, () => Promise.reject(new PermitRefused('bound_passed'))];
    const permit = () => (permits.shift() ?? world.context.permit)();
    const run = ask([{}], () => nonceWanted, { ...world, context: { ...world.context, permit } });
    await expect(run).rejects.toThrow(PermitRefused);
  });

  it('tells the authorizer nothing of a request that got no answer', async () => {
    const failure = { phase: 'connect', code: 'ECONNREFUSED', message: 'x' } as const;
    const { world } = await ask([{}], () => ({ failure }), createNonceWorld());
    expect(world.heard).toEqual([]);
  });
});
