import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { client, named, request, tokenRun } from '../issuer-lab.ts';
import { type Answer, scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

describe('a certified issuer', () => {
  it('forgets a family of tokens, and has nothing against forgetting it twice', async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-user'));
    const seed = new Secret(await lab.mintRefreshToken('lab-user', ['models.read']));
    const { access, refreshToken = new Secret('') } = await issuer.request(...request({ refreshToken: seed }));
    for (let turn = 0; turn < 2; turn++)
      expect(await issuer.revoke(tokenRun(), refreshToken, 'refresh_token')).toEqual({ kind: 'revoked' });
    expect(await lab.introspect(access?.value.reveal() ?? '')).toEqual({ active: false });
    expect((await issuer.request(...request({ refreshToken }))).observation.error).toBe('invalid_grant');
  });

  it('forgets nothing for a client that it does not know, or while it is down', async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-service', { clientSecret: new Secret('wrong') }));
    expect(await issuer.revoke(tokenRun(), new Secret('at'), 'access_token')).toMatchObject({
      kind: 'failed',
      observation: { endpoint: 'revocation', status: 401, error: 'invalid_client' },
    });
    await lab.faults.set('down');
    expect(await issuer.revoke(tokenRun(), new Secret('at'), 'access_token')).toMatchObject({
      kind: 'failed',
      observation: { failure: { code: 'ECONNREFUSED' } },
    });
  });
});

describe('a scripted issuer', () => {
  const revoked = async (answer: Answer) => {
    const { origin, requests } = await scriptedIssuer(() => answer);
    const endpoints = { token: `${origin}/token`, revocation: `${origin}/revoke` };
    const { issuer } = client(definition({ endpoints, clientAuth: 'none' }));
    return { requests, outcome: await issuer.revoke(tokenRun(), new Secret('r:t'), 'refresh_token') };
  };

  it.each<[string, Answer]>([
    ['nothing', { status: 200 }],
    ['nothing at all', { status: 204 }],
    ['a page', { body: '<html>' }],
  ])('has revoked when it answers a success by %s', async (_what, answer) => {
    const { outcome, requests } = await revoked(answer);
    expect(outcome).toEqual({ kind: 'revoked' });
    expect(requests[0]?.form).toEqual({ token: 'r:t', token_type_hint: 'refresh_token', client_id: 'client' });
  });

  it('does not revoke tokens of some types', async () => {
    const { outcome } = await revoked({ status: 400, body: { error: 'unsupported_token_type' } });
    expect(outcome).toEqual({ kind: 'unsupported' });
  });

  it('says why it did not, and the token is not shown', async () => {
    const { outcome } = await revoked({ status: 503, body: 'later: r:t' });
    expect(outcome).toMatchObject({ kind: 'failed', observation: { status: 503, bodyStart: 'later: [secret]' } });
  });

  it('revokes nothing when its metadata names no endpoint, and nobody knows when there is none to read', async () => {
    const { issuer } = await named(() => ({}));
    expect(await issuer.revoke(tokenRun(), new Secret('rt'), 'refresh_token')).toEqual({ kind: 'unsupported' });

    const silent = await scriptedIssuer(() => ({ status: 404 }));
    const lost = client(definition({ issuer: silent.origin, clientAuth: 'none' }));
    expect(await lost.issuer.revoke(tokenRun(), new Secret('rt'), 'refresh_token')).toMatchObject({
      kind: 'failed',
      observation: { endpoint: 'discovery', protocolProblem: expect.stringContaining('found no revocation endpoint') },
    });
  });
});
