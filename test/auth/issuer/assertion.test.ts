import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { signAssertion } from '../../lab/plain-client.ts';
import { client, granted, named, tokenRun } from '../issuer-lab.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

const what = { grant: 'jwt_bearer' } as const;
const made = { lifetimeMs: 300_000, claims: {} };
const { privateKey } = generateKeyPairSync('ed25519');
const signingKey = { key: new Secret(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()) };

describe('an assertion of the grant jwt_bearer', () => {
  it.each(['lab-assertion', 'lab-assertion-key'] as const)('that is signed here is taken from %s', async (id) => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, id, { assertion: made }));
    const { access, observation } = await issuer.request(tokenRun(), what);
    expect(await lab.introspect(access?.value.reveal() ?? '')).toEqual({ active: true, scope: 'models.read' });
    expect(observation.grant).toBe('jwt_bearer');
    const kinds = observation.signed?.map(({ kind }) => kind) ?? [];
    expect(kinds.sort()).toEqual(id === 'lab-assertion' ? ['assertion'] : ['assertion', 'client_assertion']);
  });

  it('that someone else has made is sent as it is, and nothing of it is told', async () => {
    const lab = await labIssuer();
    const { jwk } = lab.clientKey('lab-assertion');
    const ready = new Secret(await signAssertion(jwk, { client: 'lab-assertion', audience: lab.origin }));
    const { access, observation } = await client(
      labDefinition(lab, 'lab-assertion', { assertion: { ready } }),
    ).issuer.request(tokenRun(), what);
    expect(access).toBeDefined();
    expect(observation).not.toHaveProperty('signed');
  });

  it('that the issuer refuses is told by its times', async () => {
    const lab = await labIssuer();
    const { issuer } = client(labDefinition(lab, 'lab-assertion', { assertion: made }), { aheadMs: -600_000 });
    const { observation, spent } = await issuer.request(tokenRun(), what);
    expect(observation).toMatchObject({ error: 'invalid_grant', signed: [{ kind: 'assertion' }] });
    expect(spent).toBe('no');
  });

  const claimsSent = async (members: Partial<TokenDefinition>) => {
    const { issuer, requests, origin, system } = await named(() => ({ body: granted }), {
      grant: 'jwt_bearer',
      clientAuth: 'none',
      signingKey,
      ...members,
    });
    await issuer.request(tokenRun(), what);
    const { form } = requests[0] ?? {};
    return { claims: decodeJwt(form?.assertion ?? ''), form, origin, iat: Math.floor(system.clock.wallMs() / 1000) };
  };

  it('speaks for the client to its issuer, as a scripted one sees', async () => {
    const { claims, form, origin, iat } = await claimsSent({ assertion: made });
    expect(claims).toEqual({
      iss: 'client',
      sub: 'client',
      aud: `${origin}/token`,
      iat,
      nbf: iat,
      exp: iat + 300,
      jti: expect.any(String),
    });
    expect(form).toMatchObject({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id: 'client' });
  });

  it('speaks for whom it is told to, and needs no client id for that, as a scripted issuer sees', async () => {
    const { clientId: _, ...nameless } = definition({ grant: 'jwt_bearer', clientAuth: 'none', signingKey });
    const parties = { issuer: 'robot@example', subject: 'person@example', audience: 'https://aud.example' };
    const wanted = { ...nameless, assertion: { ...parties, lifetimeMs: 1000, claims: { scope: 'a b', jti: 'mine' } } };
    const { requests, origin } = await named(() => ({ body: granted }));
    await client({ ...wanted, endpoints: { token: `${origin}/token` } }).issuer.request(tokenRun(), what);
    const { form } = requests[0] ?? {};
    const claims = decodeJwt(form?.assertion ?? '');
    expect(claims).toMatchObject({
      iss: 'robot@example',
      sub: 'person@example',
      aud: 'https://aud.example',
      scope: 'a b',
    });
    // What makes an assertion unique is not for a configuration to fix.
    expect(claims.jti).not.toBe('mine');
    expect(form).not.toHaveProperty('client_id');
  });
});

describe('a definition of the grant jwt_bearer that validation would have refused', () => {
  const refused = (members: Partial<TokenDefinition>) => () =>
    client(definition({ issuer: 'https://issuer.example', grant: 'jwt_bearer', clientAuth: 'none', ...members }));

  it('is no issuer', () => {
    expect(refused({ signingKey })).toThrow('needs an assertion');
    expect(refused({ assertion: made })).toThrow('needs a private key');
  });
});
