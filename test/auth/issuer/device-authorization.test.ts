import { describe, expect, it } from 'vitest';
import type { DeviceAuthorization } from '../../../src/auth/issuer.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { approveDevice, denyDevice } from '../../lab/person.ts';
import { client, named, tokenRun } from '../issuer-lab.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

describe('a device at a certified issuer', () => {
  const begin = async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-device'));
    const begun = await issuer.deviceAuthorization(tokenRun());
    if ('observation' in begun) throw new Error('the device flow did not begin');
    const poll = () => issuer.request(tokenRun(), { grant: 'device_code', deviceCode: begun.deviceCode });
    return { lab, begun, poll };
  };

  it('is let in by a person, and gets a token', async () => {
    const { lab, begun, poll } = await begin();
    expect(begun).toMatchObject({
      verificationUri: `${lab.origin}/device`,
      verificationUriComplete: `${lab.origin}/device?user_code=${begun.userCode}`,
      expiresInMs: 600_000,
      intervalMs: 5000,
    });
    const { observation, spent } = await poll();
    expect(observation).toMatchObject({ grant: 'device_code', status: 400, error: 'authorization_pending' });
    expect(spent).toBe('no');
    await approveDevice(lab.origin, begun.userCode);
    const { access, refreshToken } = await poll();
    expect(access?.scopes).toEqual(['models.read']);
    expect(refreshToken).toBeDefined();
  });

  it('is told when the person says no', async () => {
    const { lab, begun, poll } = await begin();
    await denyDevice(lab.origin, begun.userCode);
    expect((await poll()).observation.error).toBe('access_denied');
  });

  it('is refused scopes that nobody is granted', async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-device', { scopes: ['admin'] }));
    expect(await issuer.deviceAuthorization(tokenRun())).toMatchObject({
      observation: { endpoint: 'device_authorization', status: 400, error: 'invalid_scope' },
    });
  });
});

describe('a device at a scripted issuer', () => {
  const good = {
    device_code: 'dc',
    user_code: 'ABCD',
    verification_uri: 'https://issuer.example/device',
    expires_in: 600,
  };

  const begin = async (body: object | string, members: Partial<TokenDefinition> = { clientAuth: 'none' }) => {
    const { origin, requests } = await named(() => ({ body }));
    const wanted = definition({
      endpoints: { token: `${origin}/token`, deviceAuthorization: `${origin}/device` },
      ...members,
      scopes: ['a', 'b'],
      resources: ['https://one.example', 'https://two.example'],
      audience: 'aud',
    });
    return { requests, begun: await client(wanted).issuer.deviceAuthorization(tokenRun()) };
  };

  it('says what it wants access to', async () => {
    const { requests, begun } = await begin(good);
    const asked = [...new URLSearchParams(requests[0]?.body)];
    expect(asked).toEqual([
      ['scope', 'a b'],
      ['audience', 'aud'],
      ['resource', 'https://one.example'],
      ['resource', 'https://two.example'],
      ['client_id', 'client'],
    ]);
    expect((begun as DeviceAuthorization).deviceCode.reveal()).toBe('dc');
  });

  it.each([
    ['the usual interval', {}, { intervalMs: 5000 }],
    ['an interval of its own', { interval: 1 }, { intervalMs: 1000 }],
    ['a second instead of a moment', { interval: 0.001 }, { intervalMs: 1000 }],
    ['the usual interval instead of none at all', { interval: 0 }, { intervalMs: 5000 }],
    ['a day instead of a year', { expires_in: 365 * 24 * 3600 }, { expiresInMs: 24 * 3600 * 1000 }],
    ['seconds in a string', { expires_in: '60' }, { expiresInMs: 60_000 }],
    [
      'the address by its old name',
      { verification_uri: undefined, verification_url: 'https://old.example/' },
      { verificationUri: 'https://old.example/' },
    ],
    [
      'a complete address',
      { verification_uri_complete: 'https://i.example/?u=A' },
      { verificationUriComplete: 'https://i.example/?u=A' },
    ],
  ])('keeps to %s', async (_what, members, read) => {
    const { begun } = await begin({ ...good, ...members });
    expect(begun).toMatchObject({ userCode: 'ABCD', ...read });
  });

  it('shows the person no secret that the issuer repeats in an address', async () => {
    const address = 'https://issuer.example/device?client=s3cret-of-client';
    const answer = { ...good, verification_uri: address, verification_uri_complete: `${address}&user_code=ABCD` };
    const { begun } = await begin(answer, {
      clientAuth: 'client_secret_post',
      clientSecret: new Secret('s3cret-of-client'),
    });
    expect(begun).toMatchObject({
      userCode: 'ABCD',
      verificationUri: 'https://issuer.example/device?client=[secret]',
      verificationUriComplete: 'https://issuer.example/device?client=[secret]&user_code=ABCD',
    });
  });

  it('opens nothing but web addresses', async () => {
    const { begun } = await begin({ ...good, verification_uri_complete: 'file:///etc/passwd' });
    expect(begun).not.toHaveProperty('verificationUriComplete');
  });

  it.each<[object | string, string]>([
    [{ ...good, device_code: '' }, 'has no device_code'],
    [{ ...good, user_code: 7 }, 'has no user_code'],
    [{ ...good, verification_uri: 'javascript:0' }, 'has no verification_uri that is a web address'],
    [{ ...good, verification_uri: 'device' }, 'has no verification_uri that is a web address'],
    [{ ...good, expires_in: -1 }, 'expires_in is not a positive number'],
    [{ ...good, expires_in: undefined }, 'expires_in is not a positive number'],
    ['<html>', 'is not a JSON object'],
  ])('does not begin with %j', async (body, words) => {
    const { begun } = await begin(body);
    expect(begun).toMatchObject({
      observation: { endpoint: 'device_authorization', protocolProblem: expect.stringContaining(words) },
    });
    // A body that may hold a code is not shown.
    expect(JSON.stringify(begun)).not.toContain('dc');
  });

  it('does not begin without an endpoint', async () => {
    const { issuer } = await named(() => ({}));
    expect(await issuer.deviceAuthorization(tokenRun())).toMatchObject({
      observation: { protocolProblem: expect.stringContaining('no device authorization endpoint is configured') },
    });
  });
});
