import { describe, expect, it } from 'vitest';
import { createSign } from '../../../src/auth/issuer/signing.ts';
import { createDpop } from '../../../src/auth/presentation/dpop.ts';
import { createDpopNonces } from '../../../src/auth/presentation/dpop-nonces.ts';
import { createDpopPresenter } from '../../../src/auth/presentation/dpop-presenter.ts';
import { createPresenter } from '../../../src/auth/presentation/presenter.ts';
import { Secret } from '../../../src/model/secret.ts';
import { createSystem } from '../../../src/system/system.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';
import { definition } from '../token-lab.ts';

const token = new Secret('t0ken');
const request = (url = 'https://api.example/') => ({ url: new URL(url), method: 'GET' });
const clientCertificate = { certificate: 'PEM', key: new Secret('PEM') };
const system = createVirtualSystem();
const sign = createSign({ system, skew: () => undefined, correctsAssertions: () => false });
const dpop = createDpop({ algorithm: 'EdDSA' }, createSystem().random);

describe('a token of a client with a certificate', () => {
  const authorizer = createPresenter(
    definition({ clientCertificate, sendTo: ['https://api.example'] }),
    sign,
    undefined,
  );

  it('is shown together with it, and neither goes elsewhere', async () => {
    const { authorize, heard } = authorizer(token);
    expect(await authorize(request())).toEqual({ headers: { authorization: 'Bearer t0ken' }, clientCertificate });
    expect(await authorize(request('https://other.example/'))).toEqual({ headers: {} });
    expect(heard(request(), { status: 401, headers: {} })).toBe('done');
  });

  it('is shown alone where the certificate is for the issuer', async () => {
    const alone = createPresenter(definition({ clientCertificate, presentCertificate: false }), sign, undefined);
    expect(await alone(token).authorize(request())).toEqual({ headers: { authorization: 'Bearer t0ken' } });
  });
});

describe('a token of a client that proves its key', () => {
  const jwt = (claims: object) => new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`);
  const bound = jwt({ cnf: { jkt: 'x' } });
  const present = createPresenter(definition(), sign, dpop);

  it.each([
    ['DPoP, as it was granted, whatever it says of itself', jwt({}), 'dpop', 'DPoP'],
    ['Bearer, as it was granted, whatever it says of itself', bound, 'bearer', 'Bearer'],
    ['Bearer, as it was granted, where it is opaque', token, 'bearer', 'Bearer'],
    ['DPoP, where it says that it is bound and nobody knows more', bound, undefined, 'DPoP'],
    ['Bearer, where it does not say so and nobody knows more', jwt({}), undefined, 'Bearer'],
    ['DPoP, where it is opaque and nobody knows more', token, undefined, 'DPoP'],
  ] as const)('is shown by %s', async (_what, value, type, scheme) => {
    const { headers } = await present(value, type).authorize(request());
    expect(headers.authorization).toBe(`${scheme} ${value.reveal()}`);
    expect('dpop' in headers).toBe(scheme === 'DPoP');
  });
});

describe('a token that is bound to a key', () => {
  it('goes in a header of its own with its proof beside it, and neither goes elsewhere', async () => {
    const presentation = { header: 'X-Token', sendTo: ['https://api.example'] };
    const { authorize } = createDpopPresenter(token, presentation, { dpop, sign, nonces: createDpopNonces() });
    expect(await authorize(request())).toMatchObject({ headers: { 'x-token': 't0ken', dpop: expect.any(String) } });
    expect(await authorize(request('https://other.example/'))).toEqual({ headers: {} });
  });

  const challenge = { 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
  const presenter = () => createDpopPresenter(token, { sendTo: [] }, { dpop, sign, nonces: createDpopNonces() });

  it('is worth asking again for a nonce that its request did not carry, and once for each', async () => {
    const { authorize, heard } = presenter();
    const [first, second] = [request(), request()];
    const answer = { status: 401, headers: { ...challenge, 'dpop-nonce': 'n1' } };
    await authorize(first);
    await authorize(second);
    expect(heard(first, answer)).toBe('again');
    // Sent before the first was answered, so without the nonce too.
    expect(heard(second, answer)).toBe('again');
    await authorize(first);
    expect(heard(first, answer)).toBe('done');
    expect(heard(first, { status: 401, headers: { ...challenge, 'dpop-nonce': 'n2' } })).toBe('again');
  });

  it.each([
    ['a success that brings the next nonce', 200, { 'dpop-nonce': 'n1' }],
    ['another refusal', 401, { 'www-authenticate': 'DPoP error="invalid_token"', 'dpop-nonce': 'n1' }],
    ['a refusal without a word', 401, { 'dpop-nonce': 'n1' }],
    ['a challenge without a nonce', 401, challenge],
    ['a challenge with another status', 400, { ...challenge, 'dpop-nonce': 'n1' }],
  ])('is not worth asking again after %s', async (_what, status, headers: Record<string, string>) => {
    const { authorize, heard } = presenter();
    const asked = request();
    await authorize(asked);
    expect(heard(asked, { status, headers })).toBe('done');
  });
});
