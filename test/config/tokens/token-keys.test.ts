import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../../src/config/load.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import { createFolder, loadText, loadWell } from '../../support/load-text.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';

const pem = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }));
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const authority = await createTestAuthority();
const client = await authority.issue({ isClient: true });
const other = await authority.issue({ isClient: true });

/** A token whose values are references to the variables of the same name in capitals. */
const token = (lines: string, grant = 'client_credentials') =>
  `tokens:\n  t:\n${`grant: ${grant}\nissuer: https://a.example\nclient_id: a\n${lines}`.replace(/^/gm, '    ')}`;
const from = (...keys: readonly string[]) => keys.map((key) => `${key}: \${env:${key.toUpperCase()}}`).join('\n');

async function definition(lines: string, variables: Readonly<Record<string, string>>, grant?: string) {
  const { configuration } = await loadWell(token(lines, grant), { variables, refusesPlaintext: true });
  return configuration.tokens[0];
}

async function problems(lines: string, variables: Readonly<Record<string, string>>) {
  return (await loadText(token(lines), { variables })).problems;
}

describe('the key that signs', () => {
  it('authenticates the client, unless it signs what jwt_bearer sends', async () => {
    const variables = { PRIVATE_KEY: pem(p256) };
    const keyed = await definition(`${from('private_key')}\nkid: k1\nsigning_alg: ES256`, variables);
    expect(keyed).toMatchObject({ clientAuth: 'private_key_jwt', signingKey: { keyId: 'k1', algorithm: 'ES256' } });
    const signed = await definition(`${from('private_key')}`, variables, 'jwt_bearer');
    expect(signed).toMatchObject({ clientAuth: 'none', assertion: { lifetimeMs: 300_000, claims: {} } });
    expect(signed?.signingKey).not.toHaveProperty('algorithm');
    const lines = `${from('private_key', 'assertion')}`;
    const ready = await definition(lines, { ...variables, ASSERTION: 'ready-assertion' }, 'jwt_bearer');
    expect(ready).toMatchObject({ clientAuth: 'private_key_jwt', assertion: { ready: expect.anything() } });
  });

  it('is handed on in the one form of PEM, and a JWK as it is, with its own name and algorithm', async () => {
    const sec1 = String(p256.export({ type: 'sec1', format: 'pem' }));
    expect((await definition(from('private_key'), { PRIVATE_KEY: sec1 }))?.signingKey?.key.reveal()).toBe(pem(p256));
    const jwk = JSON.stringify({ ...p256.export({ format: 'jwk' }), kid: 'own', alg: 'ES256' });
    const signer = (await definition(from('private_key'), { PRIVATE_KEY: jwk }))?.signingKey;
    expect(signer).toMatchObject({ keyId: 'own', algorithm: 'ES256' });
    expect(signer?.key.reveal()).toBe(jwk);
  });

  it('has claims of its own to sign', async () => {
    const assertion =
      'assertion:\n  issuer: me\n  subject: you\n  audience: them\n  lifetime: 1m\n  claims:\n    deep: [1]';
    const signed = await definition(`${from('private_key')}\n${assertion}`, { PRIVATE_KEY: pem(p256) }, 'jwt_bearer');
    const parties = { issuer: 'me', subject: 'you', audience: 'them' };
    expect(signed?.assertion).toEqual({ ...parties, lifetimeMs: 60_000, claims: { deep: [1] } });
  });

  it('is told where it cannot be read, sign, or fit its algorithm', async () => {
    expect(await problems(from('private_key'), { PRIVATE_KEY: 'hunter2' })).toEqual([
      'sonde.yaml:6:18: tokens.t.private_key is neither PEM nor a JWK; expected a private key: PEM (PKCS #8) or a JWK',
    ]);
    expect(await problems(from('private_key'), { PRIVATE_KEY: pem(weak) })).toEqual([
      'sonde.yaml:6:18: tokens.t.private_key is a key that no JWT can be signed with (rsa 1024 bits); expected RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519',
    ]);
    expect(await problems(`${from('private_key')}\nsigning_alg: RS256`, { PRIVATE_KEY: pem(p256) })).toEqual([
      'sonde.yaml:7:18: tokens.t.signing_alg is RS256, but the key is ec prime256v1; expected ES256',
    ]);
    const jwk = JSON.stringify({ ...p256.export({ format: 'jwk' }), alg: 'RS256' });
    expect(await problems(from('private_key'), { PRIVATE_KEY: jwk })).toEqual([
      'sonde.yaml:6:18: tokens.t.private_key is a JWK for "RS256", but the key is ec prime256v1; expected ES256',
    ]);
  });

  it('is not judged while it has no value', async () => {
    const { loaded } = await loadText(token(`${from('private_key', 'client_key', 'client_certificate', 'ca')}`), {
      unresolved: 'warning',
    });
    expect(loaded.ok).toBe(true);
  });
});

describe('the key that tokens are bound to', () => {
  it('is taken where there is one', async () => {
    const lines = `client_secret: \${env:SECRET}\ndpop:\n  key: \${env:KEY}`;
    const bound = await definition(lines, { SECRET: 'abcdefgh', KEY: pem(p256) });
    expect(bound?.dpop?.key?.reveal()).toBe(pem(p256));
    expect((await definition(`client_secret: \${env:SECRET}\ndpop: true`, { SECRET: 'abcdefgh' }))?.dpop).toEqual({
      algorithm: 'ES256',
    });
  });

  it('is told where it cannot be used, and where it stands beside an algorithm', async () => {
    const lines = `client_secret: abcdefgh\ndpop:\n  key: \${env:KEY}\n  algorithm: ES256`;
    expect(await problems(lines, { KEY: pem(weak) })).toEqual([
      'sonde.yaml:8:12: tokens.t.dpop.key is a key that no JWT can be signed with (rsa 1024 bits); expected RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519',
      'sonde.yaml:9:7: tokens.t.dpop.algorithm is for a key that sonde makes; expected no algorithm beside a key of your own',
    ]);
  });
});

describe('the certificate of a client', () => {
  const lines = from('client_certificate', 'client_key', 'ca');
  const variables = { CLIENT_CERTIFICATE: client.certificate, CLIENT_KEY: client.key, CA: authority.certificate };

  it('authenticates it where nothing else does, and is shown to targets unless told otherwise', async () => {
    const shown = await definition(lines, variables);
    expect(shown).toMatchObject({ clientAuth: 'tls_client_auth', presentCertificate: true, ca: authority.certificate });
    expect(shown?.clientCertificate?.certificate).toBe(client.certificate);
    const hidden = await definition(`${lines}\npresent:\n  client_certificate: false`, variables);
    expect(hidden?.presentCertificate).toBe(false);
    const keyed = await definition(`${lines}\n${from('private_key')}`, { ...variables, PRIVATE_KEY: pem(p256) });
    expect(keyed?.clientAuth).toBe('private_key_jwt');
  });

  it('is told where it cannot be read, or is not that of its key', async () => {
    expect(await problems(lines, { ...variables, CLIENT_KEY: other.key })).toEqual([
      'sonde.yaml:7:17: tokens.t.client_key does not belong to client_certificate; expected the key of that certificate',
    ]);
    const jwk = JSON.stringify(p256.export({ format: 'jwk' }));
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(await problems(lines, { CLIENT_CERTIFICATE: 'none', CLIENT_KEY: jwk, CA: damaged })).toEqual([
      'sonde.yaml:6:25: tokens.t.client_certificate holds no certificate; expected PEM, with its line breaks',
      'sonde.yaml:7:17: tokens.t.client_key is a JWK; expected PEM',
      'sonde.yaml:8:9: tokens.t.ca holds a certificate that cannot be read; expected PEM, with its line breaks',
    ]);
  });
});

describe('the path of a key', () => {
  it('is read as a reference to its file, and so is watched', async () => {
    const folder = await createFolder({ 'key.pem': pem(p256), 'sonde.yaml': '' });
    await writeFile(join(folder, 'sonde.yaml'), token(`private_key: ${folder}/key.pem`));
    const loaded = await loadConfiguration(createVirtualSystem(), [join(folder, 'sonde.yaml')], {
      unresolved: 'error',
    });
    expect(loaded.ok && loaded.configuration.tokens[0]?.signingKey?.key.reveal().trim()).toBe(pem(p256).trim());
    expect(loaded.ok && loaded.references).toEqual([`\${file:${folder}/key.pem}`]);
    await writeFile(join(folder, 'key.pem'), client.key);
    expect(await loaded.hasChanged()).toBe(true);
  });

  it('that leads nowhere is told with the place', async () => {
    expect(await problems('client_certificate: no.pem\nclient_key: ./no.key', {})).toEqual([
      `sonde.yaml:6:25: "\${file:no.pem}" is not there; expected a value`,
      `sonde.yaml:7:17: "\${file:./no.key}" is not there; expected a value`,
    ]);
  });

  it('is not what a key without its armour is taken for, which is never shown', async () => {
    const bare = pem(p256).split('\n').slice(1, -2).join('');
    const said = await problems(`private_key: ${bare}`, {});
    expect(said).toEqual([
      'sonde.yaml:6:18: tokens.t.private_key is neither PEM nor a JWK; expected a private key: PEM (PKCS #8) or a JWK',
    ]);
  });
});
