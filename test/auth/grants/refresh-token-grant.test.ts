import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRefreshTokenFamily } from '../../../src/auth/grants/refresh-token-family.ts';
import { createRefreshTokenGrant } from '../../../src/auth/grants/refresh-token-grant.ts';
import { createTokenMemoryStore } from '../../../src/auth/store/token-memory-store.ts';
import { passed } from '../../../src/model/cause.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type SkewView, type TokenStore, TokenStoreError } from '../../../src/model/token.ts';
import { PermitRefused } from '../../../src/net/limiter.ts';
import { labResource } from '../../lab/issuer-provider.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';
import { dropAccess, fileStore, grantOn, isLive, runner, scopes, userDefinition } from '../family-lab.ts';
import { scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

describe('a rotating family', () => {
  it('goes on for generations, each with its own successor', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const { run } = grantOn(store, await userDefinition(issuer));
    const seen = new Set<string>();
    for (let generation = 1; generation <= 5; generation++) {
      const attempt = await run();
      expect(attempt.received).toMatchObject({ generation, scopes });
      expect(await isLive(issuer, attempt)).toBe(true);
      seen.add((await store.read('claude'))?.refreshToken?.reveal() ?? '');
    }
    expect(seen.size).toBe(5);
  });

  it('goes on over a restart, though the configuration still has the spent seed', async () => {
    const issuer = await labIssuer();
    const folder = await temporaryFolder();
    const wanted = await userDefinition(issuer);
    await grantOn(fileStore(folder), wanted).run();
    await dropAccess(fileStore(folder));
    const attempt = await grantOn(fileStore(folder), wanted).run();
    expect(attempt.received?.generation).toBe(2);
    expect(await isLive(issuer, attempt)).toBe(true);
  });

  it('survives any order of refreshes and restarts', async () => {
    const issuer = await labIssuer();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('refresh', 'restart'), { maxLength: 8 }), async (steps) => {
        const store = createTokenMemoryStore(createVirtualSystem().random);
        const wanted = await userDefinition(issuer);
        let process = grantOn(store, wanted);
        await process.run();
        for (const step of steps) {
          if (step === 'restart') process = grantOn(store, wanted);
          expect(await isLive(issuer, await process.run())).toBe(true);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('of a public client goes on as well', async () => {
    const issuer = await labIssuer();
    const refreshToken = new Secret(await issuer.mintRefreshToken('lab-public', scopes));
    const wanted = labDefinition(issuer, 'lab-public', { refreshToken });
    const { run } = grantOn(fileStore(await temporaryFolder()), wanted);
    await run();
    expect((await run()).received?.generation).toBe(2);
  });
});

describe('an issuer that does not rotate', () => {
  it('has its refresh token used again and again, also when the answer leaves it out', async () => {
    const { origin, requests } = await scriptedIssuer(() => ({ body: { access_token: 'at', token_type: 'bearer' } }));
    const wanted = definition({
      grant: 'refresh_token',
      endpoints: { token: origin },
      clientAuth: 'none',
      refreshToken: new Secret('steady'),
    });
    const { run } = grantOn(fileStore(await temporaryFolder()), wanted);
    for (let generation = 1; generation <= 3; generation++)
      expect((await run()).received).toMatchObject({ generation });
    expect(requests.map(({ form }) => form.refresh_token)).toEqual(['steady', 'steady', 'steady']);
  });

  it('may be gone back to after another seed: its own was never spent', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const mint = async () =>
      labDefinition(issuer, 'lab-steady', {
        refreshToken: new Secret(await issuer.mintRefreshToken('lab-steady', scopes)),
      });
    const [first, second] = [await mint(), await mint()];
    for (const wanted of [first, second, first]) {
      expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
    }
  });
});

describe('an access token in the store', () => {
  it('is used after a restart without asking', async () => {
    const issuer = await labIssuer();
    const folder = await temporaryFolder();
    const wanted = await userDefinition(issuer);
    const before = await grantOn(fileStore(folder), wanted).run();
    const asked = issuer.tokenRequests();
    const { run } = grantOn(fileStore(folder), { ...wanted, clientSecret: new Secret('renewed') });
    const { received, observation } = await run();
    expect(received?.value.reveal()).toBe(before.received?.value.reveal());
    expect(received).toMatchObject({ generation: 1, scopes });
    expect(observation).toMatchObject({ phases: {}, granted: { scopes, expiresInMs: 600_000 } });
    expect(issuer.tokenRequests()).toBe(asked);
  });

  it.each<[string, (wanted: TokenDefinition) => Partial<TokenDefinition>]>([
    ['for other scopes', () => ({ scopes: [] })],
    ['for another resource', () => ({ resources: [labResource] })],
    ['with another certificate', () => ({ clientCertificate: { certificate: 'PEM', key: new Secret('PEM') } })],
  ])('is not used when it was asked %s', async (_what, change) => {
    const issuer = await labIssuer();
    const folder = await temporaryFolder();
    const wanted = await userDefinition(issuer);
    await grantOn(fileStore(folder), wanted).run();
    expect((await grantOn(fileStore(folder), { ...wanted, ...change(wanted) }).run()).received?.generation).toBe(2);
  });

  it.each([
    ['has expired', 600_000],
    ['was had in the future: the clock was set back', -5001],
  ])('is not used when it %s', async (_what, stepMs) => {
    const issuer = await labIssuer();
    const folder = await temporaryFolder();
    const wanted = await userDefinition(issuer);
    await grantOn(fileStore(folder), wanted).run();
    const later = createVirtualSystem();
    later.clock.stepWall(stepMs);
    expect((await grantOn(fileStore(folder), wanted, later).run()).received?.generation).toBe(2);
  });
});

describe('an access token in the store of a host whose clock was set back while sonde did not run', () => {
  const skewOf = (skewMs: number): SkewView => ({ skewMs, uncertaintyMs: 50, toleranceMs: 1000 });

  it('is used for as long as it lives in true time, as soon as the skew of both moments is known', async () => {
    const issuer = await labIssuer();
    const folder = await temporaryFolder();
    const wanted = await userDefinition(issuer);
    const ahead = createVirtualSystem();
    await grantOn(fileStore(folder), wanted, ahead, skewOf(400_000)).run();
    expect((await fileStore(folder).read('claude'))?.obtainedSkewMs).toBe(400_000);
    // 590 s later, on a clock that is right now.
    const later = createVirtualSystem();
    later.clock.stepWall(590_000 - 400_000);
    expect((await grantOn(fileStore(folder), wanted, later).run()).received?.generation).toBe(1);
    const { received } = await grantOn(fileStore(folder), wanted, later, skewOf(0)).run();
    expect(received).toMatchObject({ generation: 1, lifetime: { expiresAtMs: 10_000 } });
    later.clock.stepWall(10_000);
    expect((await grantOn(fileStore(folder), wanted, later, skewOf(0)).run()).received?.generation).toBe(2);
  });
});

describe('a store that fails', () => {
  /** The real store, whose writes fail while `broken`. */
  const breakable = (store: TokenStore) => {
    const state = { broken: false };
    const write: TokenStore['write'] = (token, stored) =>
      state.broken ? Promise.reject(new TokenStoreError('The disk is full.')) : store.write(token, stored);
    return { state, store: { ...store, write } };
  };

  it('before a request keeps the refresh token from being sent', async () => {
    const issuer = await labIssuer();
    const { state, store } = breakable(fileStore(await temporaryFolder()));
    state.broken = true;
    const { run } = grantOn(store, await userDefinition(issuer));
    expect(await run()).toEqual({
      observation: { grant: 'refresh_token', phases: {}, refreshToken: 'live', storeProblem: 'The disk is full.' },
    });
    expect(issuer.tokenRequests()).toBe(0);
    state.broken = false;
    expect(await isLive(issuer, await run())).toBe(true);
  });

  it('after the answer keeps the new token from being used until it could be stored, without asking again', async () => {
    const issuer = await labIssuer();
    const inner = fileStore(await temporaryFolder());
    const { state, store } = breakable(inner);
    const failing: TokenStore = {
      ...store,
      async write(token, stored) {
        await store.write(token, stored);
        state.broken = stored.spending !== undefined;
      },
    };
    const wanted = await userDefinition(issuer);
    const { run } = grantOn(failing, wanted);
    const { observation, received } = await run();
    expect(received).toBeUndefined();
    expect(observation).toMatchObject({ status: 200, refreshToken: 'live', storeProblem: 'The disk is full.' });
    expect(observation).not.toHaveProperty('granted');
    expect((await run()).observation).toEqual({
      grant: 'refresh_token',
      phases: {},
      storeProblem: 'The disk is full.',
    });

    state.broken = false;
    const late = await run();
    expect(late.received?.generation).toBe(1);
    expect(await isLive(issuer, late)).toBe(true);
    expect(issuer.tokenRequests()).toBe(1);
    expect((await inner.read('claude'))?.refreshToken?.reveal()).not.toBe(wanted.refreshToken?.reveal());
  });

  it('is told by its real error when its folder cannot be written', async () => {
    const issuer = await labIssuer();
    const folder = join(await temporaryFolder(), 'state');
    await mkdir(join(folder, 'tokens.json', 'in the way'), { recursive: true });
    const { run } = grantOn(fileStore(folder), await userDefinition(issuer));
    expect((await run()).observation.storeProblem).toContain('tokens.json cannot be read: EISDIR.');
    await rm(folder, { recursive: true });
    expect(await isLive(issuer, await run())).toBe(true);
  });
});

describe('a run that gets no permit', () => {
  it('has sent nothing, so there is no note, not even in that wait (with an issuer that is never reached)', async () => {
    const store = createTokenMemoryStore(createVirtualSystem().random);
    const records: unknown[] = [];
    const refusing = {
      async request() {
        records.push(await store.read('claude'));
        throw new PermitRefused('bound_passed');
      },
      revoke: () => Promise.reject(new PermitRefused('bound_passed')),
      dpopKey: async () => undefined,
      useDpopKey() {},
    };
    const wanted = definition({ grant: 'refresh_token', refreshToken: new Secret('rt') });
    const { clock } = createVirtualSystem();
    const ports = { clock, skew: () => undefined, judge: () => passed };
    const grant = createRefreshTokenGrant(ports, refusing, createRefreshTokenFamily(store, wanted), wanted);
    await expect(runner(grant).run()).rejects.toThrow(PermitRefused);
    records.push(await store.read('claude'));
    expect(records).toEqual([undefined, { ownerFingerprint: expect.any(String), generation: 0 }]);
  });
});

describe('a bug in a store', () => {
  it('is not taken for a failing disk (with a store that throws another error)', async () => {
    const store = {
      ...createTokenMemoryStore(createVirtualSystem().random),
      read: () => Promise.reject(new TypeError('bug')),
    };
    const issuer = await labIssuer();
    await expect(grantOn(store, await userDefinition(issuer)).run()).rejects.toThrow(TypeError);
  });
});
