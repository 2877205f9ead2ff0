import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { beginCodeLogin, type CodeLogin } from '../../../src/auth/login/login-by-code.ts';
import { createUsedCodes } from '../../../src/auth/login/login-codes.ts';
import { createTokenMemoryStore } from '../../../src/auth/store/token-memory-store.ts';
import { diagnoseTokenRun } from '../../../src/diagnosis/diagnose-token-run.ts';
import { causeOf } from '../../../src/model/cause.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { TokenStoreError } from '../../../src/model/token.ts';
import { type Issuer, startIssuer } from '../../lab/issuer.ts';
import { consent } from '../../lab/person.ts';
import { client, tokenRun } from '../issuer-lab.ts';
import { labDefinition } from '../token-lab.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());
afterEach(() => issuer.faults.clear());

const redirectUri = 'http://127.0.0.1:53001/callback';

/** One host with a store of its own, on which logins are attempted. */
function host(wanted: TokenDefinition = labDefinition(issuer, 'lab-person-app')) {
  const { system, issuer: ours } = client(wanted);
  const store = createTokenMemoryStore(system.random);
  const codes = createUsedCodes(store, wanted.name);
  const ports = { issuer: ours, random: system.random, codes, mask: (text: string) => text };
  const begin = async () => {
    const begun = await beginCodeLogin(ports, { redirectUri, issuer: issuer.origin }, tokenRun());
    if (!('address' in begun)) throw new Error(JSON.stringify(begun.observation));
    return begun;
  };
  return { ports, begin, codes, store };
}

/** How an attempt ends whose person answers so. */
const finished = async (login: CodeLogin, answer: 'grant' | 'deny' = 'grant') =>
  login.finish((await consent(login.address, { answer })).searchParams);

const causeOfEnd = (end: Awaited<ReturnType<CodeLogin['finish']>>) =>
  end.kind === 'refused' ? causeOf(diagnoseTokenRun(end.observation))?.code : end.kind;

describe('a login by code', () => {
  it('brings tokens, and its address holds no verifier', async () => {
    const login = await host().begin();
    expect([...login.address.searchParams.keys()].sort()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ]);
    const end = await finished(login);
    if (end.kind !== 'granted') throw new Error(end.kind);
    const { accessToken, refreshToken, scopes, expiresInMs, sentAt } = end.tokens;
    expect(await issuer.introspect(accessToken.reveal())).toMatchObject({ active: true });
    expect(await issuer.introspect(refreshToken?.reveal() ?? '')).toMatchObject({ active: true });
    expect({ scopes, expiresInMs }).toEqual({ scopes: ['models.read'], expiresInMs: 60_000 });
    expect(sentAt.monotonicMs).toBe(0);
  });

  it('brings the key that its tokens are bound to', async () => {
    const end = await finished(await host(labDefinition(issuer, 'lab-person-dpop')).begin());
    if (end.kind !== 'granted') throw new Error(end.kind);
    expect(JSON.parse(end.tokens.dpopKey?.reveal() ?? '{}')).toMatchObject({ kty: 'EC', d: expect.any(String) });
  });

  it('pushes its request where that is wanted', async () => {
    const login = { pushed: true, parameters: {} };
    const begun = await host(labDefinition(issuer, 'lab-person-pushed', { login })).begin();
    expect([...begun.address.searchParams.keys()]).toEqual(['client_id', 'request_uri']);
    expect((await finished(begun)).kind).toBe('granted');
  });

  it('has another state and another challenge each time', async () => {
    const { begin } = host();
    const seen = [await begin(), await begin()].flatMap(({ address: { searchParams } }) => [
      searchParams.get('state'),
      searchParams.get('code_challenge'),
    ]);
    expect(new Set(seen).size).toBe(4);
  });

  it('ends in consent_required when the person says no', async () => {
    expect(causeOfEnd(await finished(await host().begin(), 'deny'))).toBe('consent_required');
  });

  it('does not begin where the issuer cannot be asked', async () => {
    await issuer.faults.set('down', 'always');
    const begun = await beginCodeLogin(host().ports, { redirectUri }, tokenRun());
    expect('observation' in begun && causeOf(diagnoseTokenRun(begun.observation))?.code).toBe('issuer_unavailable');
  });
});

describe('the code of a login', () => {
  it('is sent once, whatever comes of it, and never again', async () => {
    const { begin } = host();
    const login = await begin();
    const { searchParams } = await consent(login.address);
    await issuer.faults.set('down', 'always');
    expect(causeOfEnd(await login.finish(searchParams))).toBe('issuer_unavailable');
    await issuer.faults.clear();
    const asked = issuer.tokenRequests();
    expect(causeOfEnd(await login.finish(searchParams))).toBe('code_reused');
    expect(causeOfEnd(await (await begin()).finish(searchParams))).toBe('code_reused');
    expect(issuer.tokenRequests()).toBe(asked);
  });

  it('of another attempt is refused for what it is, and not sent', async () => {
    const { begin } = host();
    const { searchParams } = await consent((await begin()).address);
    const asked = issuer.tokenRequests();
    expect(await (await begin()).finish(searchParams)).toEqual({
      kind: 'foreign',
      problem: expect.stringContaining('belongs to another login'),
    });
    expect(issuer.tokenRequests()).toBe(asked);
  });

  it('is refused by the issuer when our record of it is lost', async () => {
    const { ports, codes } = host();
    const forgetful = { ...ports, codes: { ...codes, use: async () => true } };
    const login = await beginCodeLogin(forgetful, { redirectUri }, tokenRun());
    if (!('address' in login)) throw new Error('it did not begin');
    const { searchParams } = await consent(login.address);
    expect((await login.finish(searchParams)).kind).toBe('granted');
    const again = await login.finish(searchParams);
    expect(again).toMatchObject({ kind: 'refused', observation: { code: 'fresh', error: 'invalid_grant' } });
  });

  it('is not sent when it cannot be noted', async () => {
    const { begin, store } = host();
    const login = await begin();
    const { searchParams } = await consent(login.address);
    store.write = () => Promise.reject(new TokenStoreError('The disk is full.'));
    const asked = issuer.tokenRequests();
    await expect(login.finish(searchParams)).rejects.toThrow(TokenStoreError);
    expect(issuer.tokenRequests()).toBe(asked);
  });
});

describe('an error that the browser brings back', () => {
  it('is shown on one line and without secrets', async () => {
    const { ports } = host();
    const login = await beginCodeLogin(
      { ...ports, mask: (text) => text.replaceAll('hunter2', '[secret]') },
      { redirectUri, issuer: issuer.origin },
      tokenRun(),
    );
    if (!('address' in login)) throw new Error('it did not begin');
    const state = login.address.searchParams.get('state') ?? '';
    const parameters = { state, iss: issuer.origin, error: 'server_error', error_description: 'no\nhunter2\u0007' };
    expect(await login.finish(new URLSearchParams(parameters))).toMatchObject({
      observation: { error: 'server_error', errorDescription: 'no [secret]', endpoint: 'authorization' },
    });
  });
});
