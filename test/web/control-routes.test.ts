import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { passed, troubled } from '../../src/model/cause.ts';
import { Secret } from '../../src/model/secret.ts';
import { TokenStoreError } from '../../src/model/token.ts';
import { askDaemon } from '../../src/net/control-socket.ts';
import { createSystem } from '../../src/system/system.ts';
import { createWebApp } from '../../src/web/app.ts';
import { startControlSocket } from '../../src/web/listen.ts';
import type { HandedLogin, LoginDesk, LogoutView } from '../../src/web/views.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { sampleIdentity, sampleViews } from './sample-views.ts';

/** A desk that notes what it is handed. */
function recordingDesk() {
  const handed: HandedLogin[] = [];
  const codes: string[] = [];
  const loggedOut: string[] = [];
  const desk: LoginDesk = {
    identity: sampleIdentity,
    prepare: async () => {},
    async codeUsed(code, aboutToBeSent) {
      codes.push(`${code.reveal()} ${aboutToBeSent}`);
      return code.reveal() === 'used';
    },
    adopt: async (login) => void handed.push(login),
    async logout(by): Promise<LogoutView> {
      loggedOut.push(by);
      return { revocation: 'failed', problem: 'The issuer is down.' };
    },
  };
  return { desk, handed, codes, loggedOut };
}

async function socketWith(desk: LoginDesk | 'no login') {
  const { views, daemon } = sampleViews();
  daemon.desks.set('claude', desk);
  const path = join(await temporaryFolder(), 'sonde.sock');
  const listener = await startControlSocket({ system: createSystem(), path, app: createWebApp(views) });
  onTestFinished(() => listener.close());
  const post = async (where: string, body: object = {}) => {
    const handed = Array.isArray(body) ? body : { identity: sampleIdentity, ...body };
    const answer = await askDaemon(path, `/control/tokens/${where}`, handed);
    if (typeof answer === 'string') throw new Error(`the socket is ${answer}`);
    return { status: answer.status, body: JSON.parse(answer.body) };
  };
  return { post, daemon };
}

describe('a loan over the control socket', () => {
  it('brings a token with what a command needs to know of it', async () => {
    const { post, daemon } = await socketWith('no login');
    const token = {
      value: new Secret('at-1'),
      dpop: { key: new Secret('jwk') },
      expiresInMs: 5_000,
      scopes: ['read'],
      generation: 3,
    };
    daemon.loans.set('claude', { sendTo: ['https://api.example'], token, lastRun: passed });
    expect((await post('claude/loan')).body).toEqual({
      send_to: ['https://api.example'],
      token: { value: 'at-1', dpop: { key: 'jwk' }, expires_in_ms: 5_000, scopes: ['read'], generation: 3 },
      last_run: { outcome: 'passed' },
    });
  });

  it('says why there is no token, and that there is none of a name', async () => {
    const { post, daemon } = await socketWith('no login');
    daemon.loans.set('claude', { sendTo: [], lastRun: troubled('invalid_grant', 'refused') });
    daemon.loans.set('new', { sendTo: [] });
    expect((await post('claude/loan')).body).toEqual({
      send_to: [],
      last_run: { outcome: 'failed', cause: expect.objectContaining({ code: 'invalid_grant', detail: 'refused' }) },
    });
    expect((await post('new/loan')).body).toEqual({ send_to: [] });
    expect((await post('other/loan')).status).toBe(404);
  });

  it('brings nothing to a command that means another token by the name, or does not say what it means', async () => {
    const { post, daemon } = await socketWith('no login');
    daemon.loans.set('claude', { sendTo: [], token: { value: new Secret('at-1'), generation: 1 } });
    expect(await post('claude/loan', { identity: 'someone else' })).toEqual({
      status: 412,
      body: { error: 'The token of that name is another one here.' },
    });
    expect((await post('claude/loan', { identity: undefined })).status).toBe(400);
  });
});

describe('a login over the control socket', () => {
  it('is prepared for', async () => {
    const { post } = await socketWith(recordingDesk().desk);
    expect(await post('claude/prepare')).toEqual({ status: 200, body: {} });
  });

  it.each([
    ['prepare', {}],
    ['code', { code: 'c', about_to_be_sent: true }],
    ['login', { access_token: 'at', age_ms: 0, by: '0' }],
    ['logout', { by: '0' }],
  ])('is refused its %s when the command means another token by the name', async (verb, body) => {
    const { desk, handed, codes, loggedOut } = recordingDesk();
    const { post } = await socketWith(desk);
    expect(await post(`claude/${verb}`, { ...body, identity: 'someone else' })).toEqual({
      status: 412,
      body: { error: 'The token of that name is another one here.' },
    });
    expect((await post(`claude/${verb}`, { ...body, identity: undefined })).status).toBe(400);
    expect([...handed, ...codes, ...loggedOut]).toEqual([]);
  });

  it('has its code looked up and noted', async () => {
    const { desk, codes } = recordingDesk();
    const { post } = await socketWith(desk);
    const ask = (code: string, about_to_be_sent: boolean) => post('claude/code', { code, about_to_be_sent });
    expect((await ask('used', false)).body).toEqual({ used: true });
    expect((await ask('fresh', true)).body).toEqual({ used: false });
    expect(codes).toEqual(['used false', 'fresh true']);
  });

  it('hands its tokens over, all or the access token alone', async () => {
    const { desk, handed } = recordingDesk();
    const { post } = await socketWith(desk);
    const all = {
      access_token: 'at',
      token_type: 'bearer',
      expires_in_ms: 60_000,
      scopes: ['a'],
      refresh_token: 'rt',
      dpop_key: '{}',
      age_ms: 7,
      by: 'someone (1000)',
    };
    expect(await post('claude/login', all)).toEqual({ status: 200, body: {} });
    expect(await post('claude/login', { access_token: 'at', age_ms: 0, by: '0' })).toMatchObject({ status: 200 });
    expect(handed).toEqual([
      {
        accessToken: expect.any(Secret),
        tokenType: 'bearer',
        expiresInMs: 60_000,
        scopes: ['a'],
        refreshToken: expect.any(Secret),
        dpopKey: expect.any(Secret),
        ageMs: 7,
        by: 'someone (1000)',
      },
      { accessToken: expect.any(Secret), ageMs: 0, by: '0' },
    ]);
    expect(handed[0]?.refreshToken?.reveal()).toBe('rt');
  });

  it('is ended again, with a word on how that went', async () => {
    const { desk, loggedOut } = recordingDesk();
    const { post } = await socketWith(desk);
    const body = { revocation: 'failed', problem: 'The issuer is down.' };
    expect(await post('claude/logout', { by: 'someone' })).toEqual({ status: 200, body });
    expect(loggedOut).toEqual(['someone']);
  });

  it.each([
    ['claude/login', { access_token: 5, age_ms: 0, by: '' }, 'access_token'],
    ['claude/login', { access_token: 'the-token', by: '' }, 'age_ms'],
    ['claude/login', { access_token: 'the-token', age_ms: -1, by: '' }, 'age_ms'],
    ['claude/code', { code: 'the-token' }, 'about_to_be_sent'],
    ['claude/logout', {}, 'by'],
    ['claude/logout', [], 'its start'],
  ])('is refused at %s with %j, and its values are not repeated', async (where, body, place) => {
    const { post } = await socketWith(recordingDesk().desk);
    const answer = await post(where, body);
    expect(answer).toEqual({ status: 400, body: { error: expect.stringContaining(`at ${place}.`) } });
    expect(JSON.stringify(answer)).not.toContain('the-token');
  });

  it('is refused when it is longer than any token', async () => {
    const { post } = await socketWith(recordingDesk().desk);
    const login = { access_token: 'a'.repeat(200_000), age_ms: 0, by: '' };
    expect(await post('claude/login', login)).toEqual({ status: 413, body: { error: 'The body is too long.' } });
  });

  it.each([
    ['other/login', 404, /No token of that name/],
    ['claude/elope', 404, /no such act/],
    ['claude', 404, /no such act/],
    ['claude/login/more', 404, /no such act/],
  ])('to %s is answered %i', async (where, status, error) => {
    const { post } = await socketWith(recordingDesk().desk);
    expect(await post(where)).toEqual({ status, body: { error: expect.stringMatching(error) } });
  });

  it('to a token that needs no person is answered 409', async () => {
    const { post } = await socketWith('no login');
    expect((await post('claude/login')).status).toBe(409);
  });

  it('tells that the store has failed, and keeps a bug to itself', async () => {
    const { desk } = recordingDesk();
    const { post, daemon } = await socketWith({
      ...desk,
      prepare: () => Promise.reject(new TokenStoreError('The disk is full.')),
      logout: () => Promise.reject(new Error('a bug')),
    });
    expect(await post('claude/prepare')).toEqual({ status: 503, body: { error: 'The disk is full.' } });
    await expect(post('claude/logout', { by: '' })).rejects.toThrow();
    expect(daemon.errors).toHaveLength(1);
  });
});
