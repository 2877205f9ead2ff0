import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyring, type Sealed } from '../../../src/auth/store/keyring.ts';
import { Secret } from '../../../src/model/secret.ts';
import { createRandom } from '../../../src/system/random.ts';

const random = createRandom();
const newKey = () => new Secret(randomBytes(32).toString('base64'));
const keyringOf = (key: Secret, oldKeys: readonly Secret[] = [], purpose = 'test') =>
  createKeyring({ key, oldKeys }, purpose, random);

describe('a keyring', () => {
  it('opens what it has sealed, whatever text that is', () => {
    const keyring = keyringOf(newKey());
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(keyring.open(keyring.seal(text))).toBe(text);
      }),
    );
  });

  it('seals the same text otherwise each time', () => {
    const keyring = keyringOf(newKey());
    const sealed = Array.from({ length: 1000 }, () => keyring.seal('the same'));
    expect(new Set(sealed.map(({ nonce }) => nonce)).size).toBe(1000);
    expect(new Set(sealed.map(({ ciphertext }) => ciphertext)).size).toBe(1000);
  });

  it('opens what an old key has sealed, and seals with the new one', () => {
    const [old, fresh] = [newKey(), newKey()];
    const sealed = keyringOf(old).seal('kept');
    const keyring = keyringOf(fresh, [newKey(), old]);
    expect(keyring.open(sealed)).toBe('kept');
    expect(keyring.seal('kept').keyId).toBe(keyringOf(fresh).keyId);
    expect(keyring.keyIds).toHaveLength(3);
  });

  it('knows a key by a short fingerprint that is the same in each way to write it', () => {
    const bytes = randomBytes(32);
    const [base64, hex] = [
      keyringOf(new Secret(bytes.toString('base64'))),
      keyringOf(new Secret(bytes.toString('hex'))),
    ];
    expect(hex.keyId).toBe(base64.keyId);
    expect(hex.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(bytes.toString('hex')).not.toContain(hex.keyId);
  });

  it('opens nothing by another key, for another purpose, or of another shape', () => {
    const key = newKey();
    const keyring = keyringOf(key);
    const sealed = keyring.seal('kept');
    const other = keyringOf(newKey());
    const wrong: readonly Sealed[] = [
      other.seal('kept'),
      { ...other.seal('kept'), keyId: keyring.keyId },
      keyringOf(key, [], 'another').seal('kept'),
      { ...sealed, nonce: '' },
      { ...sealed, nonce: other.seal('').nonce },
      { ...sealed, ciphertext: '' },
      { ...sealed, ciphertext: sealed.ciphertext.slice(4) },
    ];
    for (const each of wrong) expect(keyring.open(each)).toBeUndefined();
  });

  it('is not made of a text that is no key, and does not show it', () => {
    expect(() => keyringOf(new Secret('hunter2'))).toThrow(/^a key of the state folder is none; expected 32 bytes/);
  });
});
