import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import type { GrantRequest } from '../../../src/auth/issuer.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { jsonTokenPath } from '../../lab/json-token-endpoint.ts';
import { client, granted, named, request, tokenRun } from '../issuer-lab.ts';
import { labDefinition, labIssuer } from '../token-lab.ts';

describe('a token request to the lab', () => {
  it.each(['lab-service', 'lab-post'] as const)('is JSON where the issuer wants that, from %s', async (id) => {
    const lab = await labIssuer();
    const endpoints = { token: lab.origin + jsonTokenPath };
    const form = client(labDefinition(lab, id, { endpoints }));
    expect((await form.issuer.request(...request())).observation.error).toBe('invalid_request');
    const json = client(labDefinition(lab, id, { endpoints, tokenRequest: 'json' }));
    expect((await json.issuer.request(...request())).access?.scopes).toEqual(['models.read']);
  });

  it('names the resource that the token is for', async () => {
    const lab = await labIssuer();
    const forOne = (resource: string) =>
      client(labDefinition(lab, 'lab-jwt', { resources: [resource] })).issuer.request(...request());
    const { access } = await forOne('https://reports.lab.example/');
    expect(decodeJwt(access?.value.reveal() ?? '').aud).toBe('https://reports.lab.example/');
    expect((await forOne('https://other.example')).observation.error).toBe('invalid_target');
  });
});

describe('a token request to a scripted issuer', () => {
  const sent = async (what: GrantRequest, members: Partial<TokenDefinition> = {}) => {
    const { issuer, requests } = await named(() => ({ body: granted }), { clientAuth: 'none', ...members });
    const { access } = await issuer.request(tokenRun(), what);
    expect(access).toBeDefined();
    return { body: requests[0]?.body ?? '', headers: requests[0]?.headers, form: requests[0]?.form };
  };

  it('says all that the configuration adds, and what the protocol asks for wins', async () => {
    const { body } = await sent(
      { grant: 'client_credentials' },
      {
        scopes: ['a', 'b'],
        resources: ['https://one.example', 'https://two.example'],
        audience: 'aud',
        parameters: { tenant: 'x y', grant_type: 'of their own' },
      },
    );
    expect([...new URLSearchParams(body)].sort()).toEqual([
      ['audience', 'aud'],
      ['client_id', 'client'],
      ['grant_type', 'client_credentials'],
      ['resource', 'https://one.example'],
      ['resource', 'https://two.example'],
      ['scope', 'a b'],
      ['tenant', 'x y'],
    ]);
  });

  it('is one JSON object, with a list for what comes more than once', async () => {
    const resources = ['https://one.example', 'https://two.example'];
    const { body, headers } = await sent({ grant: 'client_credentials' }, { tokenRequest: 'json', resources });
    expect(headers?.['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual({ grant_type: 'client_credentials', client_id: 'client', resource: resources });
  });

  it.each<[GrantRequest, object]>([
    [
      {
        grant: 'authorization_code',
        code: new Secret('c'),
        redirectUri: 'http://127.0.0.1:1/',
        codeVerifier: new Secret('v'),
      },
      { grant_type: 'authorization_code', code: 'c', redirect_uri: 'http://127.0.0.1:1/', code_verifier: 'v' },
    ],
    [
      { grant: 'device_code', deviceCode: new Secret('d') },
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'd' },
    ],
    [
      { grant: 'refresh_token', refreshToken: new Secret('r') },
      { grant_type: 'refresh_token', refresh_token: 'r', scope: 'a' },
    ],
  ])('shows what it is granted for: %o', async (what, form) => {
    const seen = await sent(what, { scopes: ['a'] });
    expect(seen.form).toEqual({ client_id: 'client', ...form });
  });

  it.each<[string, GrantRequest]>([
    [
      'c0de ver1fier',
      {
        grant: 'authorization_code',
        code: new Secret('c0de'),
        redirectUri: 'x:/',
        codeVerifier: new Secret('ver1fier'),
      },
    ],
    ['dev1ce dev1ce', { grant: 'device_code', deviceCode: new Secret('dev1ce') }],
    ['refr3sh refr3sh', { grant: 'refresh_token', refreshToken: new Secret('refr3sh') }],
  ])('shows no secret that the issuer repeats, plain or in base64: %s', async (secrets, what) => {
    const encoded = Buffer.from(`x:${secrets}`).toString('base64');
    const { issuer } = await named(() => ({ status: 400, body: `${secrets} ${encoded}` }), { clientAuth: 'none' });
    const { bodyStart = '' } = (await issuer.request(tokenRun(), what)).observation;
    expect(bodyStart).toMatch(/^\[secret\] \[secret\] \S*\[secret\]/);
    for (const secret of secrets.split(' ')) expect(bodyStart).not.toContain(secret);
  });

  it('shows no secret that the issuer names as a scope, of the header either', async () => {
    const basic = btoa('client:s3cret');
    const { issuer } = await named(() => ({ body: { ...granted, scope: `a s3cret-b ${basic}` } }));
    const { access, observation } = await issuer.request(...request());
    for (const scopes of [access?.scopes, observation.granted?.scopes])
      expect(scopes).toEqual(['a', '[secret]-b', '[secret]']);
  });

  it('tells how far the issuer is behind when it refuses, from a date that is its own', async () => {
    const refusal = { status: 400, body: { error: 'invalid_client' } };
    const aheadMs = async (headers: Record<string, string>) => {
      const { issuer } = await named(() => ({ ...refusal, headers }));
      return (await issuer.request(...request())).observation.aheadOfIssuerMs;
    };
    const date = new Date(Date.now() - 400_000).toUTCString();
    expect(Math.abs(((await aheadMs({ date })) ?? 0) - 400_000)).toBeLessThan(30_000);
    expect(await aheadMs({ date, age: '0' })).toBeDefined();
    expect(await aheadMs({ date, age: '7' })).toBeUndefined();
    expect(await aheadMs({ date: 'some day' })).toBeUndefined();
  });

  it('tells nothing of clocks when it is granted', async () => {
    const { issuer } = await named(() => ({ body: granted }));
    expect((await issuer.request(...request())).observation).not.toHaveProperty('aheadOfIssuerMs');
  });
});
