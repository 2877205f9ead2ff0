import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { algorithmsOf, describeKey, readPrivateKey } from '../../src/model/private-key.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') => String(key.export({ type, format: 'pem' }));
const jwk = p256.privateKey.export({ format: 'jwk' });
const isSame = (text: string, key: KeyObject) => {
  const read = readPrivateKey(text);
  return 'key' in read && read.key.equals(key);
};

describe('readPrivateKey', () => {
  it('reads PEM in each of its forms, among other blocks, and with its line breaks written out', () => {
    expect(isSame(pem(rsa), rsa)).toBe(true);
    expect(isSame(pem(rsa, 'pkcs1'), rsa)).toBe(true);
    expect(isSame(pem(p256.privateKey, 'sec1'), p256.privateKey)).toBe(true);
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    expect(isSame(`${parameters}${pem(p256.privateKey, 'sec1')}`, p256.privateKey)).toBe(true);
    expect(isSame(pem(rsa).trim().replaceAll('\n', '\\n'), rsa)).toBe(true);
  });

  it('reads a JWK with what it says of itself', () => {
    const read = readPrivateKey(`  ${JSON.stringify({ ...jwk, kid: 'k1', alg: 'ES256' })}\n`);
    expect(read).toMatchObject({ form: 'jwk', keyId: 'k1', algorithm: 'ES256' });
    expect(isSame(JSON.stringify({ ...jwk, kid: '', alg: 5 }), p256.privateKey)).toBe(true);
    expect(Object.keys(readPrivateKey(JSON.stringify({ ...jwk, kid: '' })))).not.toContain('keyId');
  });

  const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  const legacy = { ...encrypted, type: 'pkcs1' } as const;
  it.each([
    ['a text that is neither', 'hunter2', 'is neither PEM nor a JWK; '],
    ['a public key', String(p256.publicKey.export({ type: 'spki', format: 'pem' })), 'is a public key, which is not'],
    ['a key that is cut short', pem(rsa).slice(0, 500), 'is cut short; '],
    ['an encrypted key', String(rsa.export(encrypted)), 'is encrypted; expected a private key: '],
    ['an encrypted key of the old form', String(rsa.export(legacy)), 'is encrypted; expected a private key: '],
    ['PEM whose lines were joined', pem(rsa).replaceAll('\n', ' '), 'is damaged PEM; '],
    ['JSON that is none', '{ "kty": "EC", ', 'begins like a JWK, but is no JSON; '],
    ['a set of JWKs', JSON.stringify({ keys: [jwk] }), 'is a set of JWKs; expected one of them'],
    ['a shared secret', '{"kty":"oct","k":"aHVudGVyMg"}', 'is a JWK of the type oct, which is a shared secret; '],
    ['a public JWK', JSON.stringify({ ...jwk, d: undefined }), 'is a JWK of a public key, which is not secret; '],
    ['a JWK of nothing known', '{"kty":"X","d":"aHVudGVyMg"}', 'is a JWK that cannot be read; '],
  ])('says what %s is, without a part of it', (_, text, said) => {
    const read = readPrivateKey(text);
    expect(read).toEqual({ fault: expect.stringMatching(`^${said.replace(/[().]/g, '\\$&')}`) });
    expect(JSON.stringify(read)).not.toMatch(/hunter2|aHVudGVyMg/);
  });
});

describe('algorithmsOf', () => {
  it.each([
    ['rsa 2048 bits', rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['rsa 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, []],
    ['ec prime256v1', p256.privateKey, ['ES256']],
    ['ec secp384r1', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, ['ES384']],
    ['ec secp521r1', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, ['ES512']],
    ['ec secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, []],
    ['ed25519', generateKeyPairSync('ed25519').privateKey, ['EdDSA', 'Ed25519']],
    ['x25519', generateKeyPairSync('x25519').privateKey, []],
  ])('knows what %s signs with', (name, key, algorithms) => {
    expect(algorithmsOf(key)).toEqual(algorithms);
    expect(describeKey(key)).toBe(name);
  });
});
