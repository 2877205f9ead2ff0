import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { type StoredToken, type TokenStore, TokenStoreError } from '../../../src/model/token.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { dropAccess, fileStore, grantOn, isLive, userDefinition } from '../family-lab.ts';
import { scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labIssuer } from '../token-lab.ts';

describe('the first refresh token', () => {
  it('is never sent again once it had a successor, also when that is lost', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    const { refreshToken: _, accessToken: __, ...lost } = (await store.read('claude')) as StoredToken;
    await store.write('claude', lost);
    const asked = issuer.tokenRequests();
    const { observation } = await grantOn(store, wanted).run();
    expect(observation).toEqual({ grant: 'refresh_token', phases: {}, refreshToken: 'spent' });
    expect(issuer.tokenRequests()).toBe(asked);
  });

  it('begins a new family when it has changed', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    await grantOn(store, await userDefinition(issuer)).run();
    const attempt = await grantOn(store, await userDefinition(issuer)).run();
    expect(attempt.received?.generation).toBe(2);
    expect(await isLive(issuer, attempt)).toBe(true);
  });

  it('is not sent again when it comes back after another one, and the other family is left as it is', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const [first, second] = [await userDefinition(issuer), await userDefinition(issuer)];
    await grantOn(store, first).run();
    await grantOn(store, second).run();
    const record = await store.read('claude');
    expect((await grantOn(store, first).run()).observation.refreshToken).toBe('spent');
    expect(await store.read('claude')).toEqual(record);
    await dropAccess(store);
    expect(await isLive(issuer, await grantOn(store, second).run())).toBe(true);
  });

  it('is not sent again under another name', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    const asked = issuer.tokenRequests();
    const { observation } = await grantOn(store, { ...wanted, name: 'renamed' }).run();
    expect(observation.refreshToken).toBe('spent');
    expect(issuer.tokenRequests()).toBe(asked);
  });

  it('is sent by one of two sources that begin at once, and the family lives', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    const [first, second] = await Promise.all([
      grantOn(store, wanted).run(),
      grantOn(store, { ...wanted, name: 'twin' }).run(),
    ]);
    expect(second.observation).toEqual({ grant: 'refresh_token', phases: {}, refreshToken: 'spent' });
    expect(issuer.tokenRequests()).toBe(1);
    expect(await isLive(issuer, first)).toBe(true);
  });

  it('is not sent again by a source whose first try failed when another one has spent it meanwhile', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    const early = grantOn(store, wanted);
    await issuer.faults.set('status-500', '/token');
    await early.run();
    await issuer.faults.clear();
    const attempt = await grantOn(store, { ...wanted, name: 'twin' }).run();
    expect((await early.run()).observation).toMatchObject({ phases: {}, refreshToken: 'spent' });
    expect(await isLive(issuer, attempt)).toBe(true);
  });

  it('that was mistyped costs the family before it nothing', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const good = await userDefinition(issuer);
    await grantOn(store, good).run();
    const { observation } = await grantOn(store, { ...good, refreshToken: new Secret('mistyped') }).run();
    expect(observation).toMatchObject({ error: 'invalid_grant', refreshToken: 'live' });
    await dropAccess(store);
    expect(await isLive(issuer, await grantOn(store, good).run())).toBe(true);
  });

  it('may be absent when the store has a family, and is missed when it has none', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    const { refreshToken: _, ...seedless } = wanted;
    const { run } = grantOn(store, seedless);
    await run();
    expect(await isLive(issuer, await run())).toBe(true);
    const { observation } = await grantOn(fileStore(await temporaryFolder()), seedless).run();
    expect(observation).toEqual({ grant: 'refresh_token', phases: {}, refreshToken: 'absent' });
  });
});

describe('a crash between sending and storing', () => {
  /** The store of a process that dies as soon as the issuer has answered: the last write never comes. */
  const dyingStore = (store: TokenStore): TokenStore => ({
    ...store,
    write: (token, stored) =>
      stored.spending === undefined ? Promise.reject(new TokenStoreError('died')) : store.write(token, stored),
  });

  it('costs nothing when the request had not arrived', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await issuer.faults.set('status-500', '/token');
    const seen = await grantOn(dyingStore(store), wanted).run();
    expect(seen.observation.status).toBe(500);
    expect((await store.read('claude'))?.spending).toBeDefined();
    await issuer.faults.clear();
    expect(await isLive(issuer, await grantOn(store, wanted).run())).toBe(true);
    expect((await store.read('claude'))?.spending).toBeUndefined();
  });

  it('loses a family whose issuer has rotated: one repetition, then never again', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    await dropAccess(store);
    expect((await grantOn(dyingStore(store), wanted).run()).observation.storeProblem).toBe('died');

    const { observation } = await grantOn(store, wanted).run();
    expect(observation).toMatchObject({ error: 'invalid_grant', refreshToken: 'spent' });
    expect((await store.read('claude'))?.refreshToken).toBeUndefined();
    const asked = issuer.tokenRequests();
    expect((await grantOn(store, wanted).run()).observation).toMatchObject({ phases: {}, refreshToken: 'spent' });
    expect(issuer.tokenRequests()).toBe(asked);
    expect(await isLive(issuer, await grantOn(store, await userDefinition(issuer)).run())).toBe(true);
  });

  it('at the very first refresh loses the seed, and no family that was there before', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const [first, second] = [await userDefinition(issuer), await userDefinition(issuer)];
    await grantOn(store, first).run();
    await grantOn(dyingStore(store), second).run();
    expect((await grantOn(store, second).run()).observation.refreshToken).toBe('spent');
    expect((await grantOn(store, second).run()).observation).toMatchObject({ phases: {}, refreshToken: 'spent' });
    await dropAccess(store);
    expect(await isLive(issuer, await grantOn(store, first).run())).toBe(true);
  });

  it('on an empty store loses the seed as well', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await grantOn(dyingStore(store), wanted).run();
    expect((await grantOn(store, wanted).run()).observation).toMatchObject({ status: 400, refreshToken: 'spent' });
    expect((await grantOn(store, wanted).run()).observation).toMatchObject({ phases: {}, refreshToken: 'spent' });
  });

  it('of a family without a seed loses it too', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const wanted = await userDefinition(issuer);
    await grantOn(store, wanted).run();
    await dropAccess(store);
    const { refreshToken: _, ...seedless } = wanted;
    await grantOn(dyingStore(store), seedless).run();
    expect((await grantOn(store, seedless).run()).observation.refreshToken).toBe('spent');
    expect((await grantOn(store, seedless).run()).observation).toMatchObject({ phases: {}, refreshToken: 'spent' });
  });
});

describe('an answer that is lost on the way', () => {
  it('makes a later refusal the loss of the family, by our own record', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const { run } = grantOn(store, await userDefinition(issuer));
    await run();
    await issuer.faults.set('cut-answer', '/token');
    expect((await run()).observation).toMatchObject({ refreshToken: 'live', failure: { code: expect.any(String) } });
    await issuer.faults.clear();
    expect((await run()).observation).toMatchObject({ error: 'invalid_grant', refreshToken: 'spent' });
  });

  it('costs nothing when the request itself was lost', async () => {
    const issuer = await labIssuer();
    const store = fileStore(await temporaryFolder());
    const { run } = grantOn(store, await userDefinition(issuer));
    await issuer.faults.set('html-200', '/token');
    expect((await run()).observation).toMatchObject({ status: 200, refreshToken: 'live' });
    await issuer.faults.clear();
    expect(await isLive(issuer, await run())).toBe(true);
  });
});

describe('an issuer that fails, and says that the grant is invalid', () => {
  it.each([500, 503, 429])('by %i has its refresh token sent again, and goes on when it is well', async (status) => {
    let failing = true;
    const granted = { access_token: 'at', token_type: 'bearer', refresh_token: 'next' };
    const { origin, requests } = await scriptedIssuer(() =>
      failing ? { status, body: { error: 'invalid_grant' } } : { body: granted },
    );
    const wanted = definition({ grant: 'refresh_token', endpoints: { token: origin }, clientAuth: 'none' });
    const { run } = grantOn(fileStore(await temporaryFolder()), { ...wanted, refreshToken: new Secret('rt') });
    for (let times = 0; times < 2; times++)
      expect((await run()).observation).toMatchObject({ error: 'invalid_grant', refreshToken: 'live' });
    failing = false;
    expect((await run()).received?.generation).toBe(1);
    expect(requests.map(({ form }) => form.refresh_token)).toEqual(['rt', 'rt', 'rt']);
  });
});

describe('a refusal', () => {
  it('of a successor that we never sent says that another holder has taken the family', async () => {
    const issuer = await labIssuer();
    const folder = await temporaryFolder();
    const wanted = await userDefinition(issuer);
    const { run } = grantOn(fileStore(folder), wanted);
    const attempt = await run();
    const thief = grantOn(fileStore(await temporaryFolder()), wanted);
    expect((await thief.run()).observation.error).toBe('invalid_grant');
    expect(await isLive(issuer, attempt)).toBe(false);
    expect((await run()).observation).toMatchObject({ error: 'invalid_grant', refreshToken: 'taken' });
    const store = fileStore(folder);
    expect((await store.read('claude'))?.refreshToken).toBeDefined();
    expect((await store.read('claude'))?.spending).toBeUndefined();
  });

  it('is told as it is when the note in the store cannot be removed after it', async () => {
    const { origin } = await scriptedIssuer(() => ({ status: 400, body: { error: 'slow_down' } }));
    const inner = fileStore(await temporaryFolder());
    const store: TokenStore = {
      ...inner,
      write: (token, stored) =>
        stored.spending ? inner.write(token, stored) : Promise.reject(new TokenStoreError('The disk is full.')),
    };
    const wanted = definition({ grant: 'refresh_token', endpoints: { token: origin }, clientAuth: 'none' });
    const { observation } = await grantOn(store, { ...wanted, refreshToken: new Secret('rt') }).run();
    expect(observation.error).toBe('slow_down');
    expect(observation).not.toHaveProperty('storeProblem');
  });

  it.each(['slow_down', 'invalid_client'])('by %s spends nothing, and the note in the store goes', async (error) => {
    const { origin } = await scriptedIssuer(() => ({ status: 400, body: { error } }));
    const store = fileStore(await temporaryFolder());
    const wanted = definition({ grant: 'refresh_token', endpoints: { token: origin }, clientAuth: 'none' });
    expect((await grantOn(store, { ...wanted, refreshToken: new Secret('rt') }).run()).observation).toMatchObject({
      error,
      refreshToken: 'live',
    });
    expect(await store.read('claude')).toEqual({ ownerFingerprint: expect.any(String), generation: 0 });
  });
});
