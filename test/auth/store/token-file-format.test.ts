import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../../src/auth/store/keyring.ts';
import {
  readTokenFile,
  type TokenFileContent,
  tokenFilePurpose,
  writeTokenFile,
} from '../../../src/auth/store/token-file-format.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { StoredToken } from '../../../src/model/token.ts';
import { createRandom } from '../../../src/system/random.ts';
import { enduranceRounds } from '../../support/endurance.ts';

const keyring = createKeyring(
  { key: new Secret(randomBytes(32).toString('base64')), oldKeys: [] },
  tokenFilePurpose,
  createRandom(),
);
const forms = [
  ['in plain text', undefined],
  ['encrypted', keyring],
] as const;

/** A `Secret` shows nothing of itself, so contents are held against each other as text. */
const shown = ({ fingerprintKey, tokens }: TokenFileContent) =>
  JSON.stringify([fingerprintKey.toString('hex'), [...tokens].map(([name, token]) => [name, revealed(token)])]);
const revealed = (record: StoredToken): unknown =>
  Object.entries(record)
    .map(([member, value]) => [
      member,
      member === 'others' ? record.others?.map(revealed) : value instanceof Secret ? value.reveal() : value,
    ])
    .sort();

const text = fc.string({ unit: 'binary' });
const secret = text.map((each) => new Secret(each));
const time = fc.double({ noNaN: true, noDefaultInfinity: true });
const members = {
  ownerFingerprint: text,
  seedFingerprint: text,
  spentSeeds: fc.array(text),
  askFingerprint: text,
  refreshToken: secret,
  spending: text,
  spendingSinceMs: time,
  rotates: fc.boolean(),
  loggedInAtMs: time,
  loggedOutAtMs: time,
  dpopKey: secret,
  usedCodes: fc.array(text),
  accessToken: secret,
  tokenType: fc.constantFrom('dpop' as const, 'bearer' as const),
  obtainedAtMs: time,
  obtainedSkewMs: time,
  expiresAtMs: time,
  scopes: fc.array(text),
  generation: fc.nat(),
} satisfies Record<Exclude<keyof StoredToken, 'others'>, fc.Arbitrary<unknown>>;
const anyRecord = fc.record(members, { requiredKeys: ['generation'] });
const anyToken: fc.Arbitrary<StoredToken> = fc.record(
  { ...members, others: fc.array(anyRecord, { maxLength: 2 }) },
  { requiredKeys: ['generation'] },
);
const anyContent: fc.Arbitrary<TokenFileContent> = fc.record({
  fingerprintKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  tokens: fc.array(fc.tuple(text, anyToken), { maxLength: 3 }).map((entries) => new Map(entries)),
});

const sample: TokenFileContent = {
  fingerprintKey: Buffer.alloc(32, 7),
  tokens: new Map([
    [
      'claude',
      {
        seedFingerprint: 'a1',
        spentSeeds: ['a0', 'a1'],
        refreshToken: new Secret('refresh-canary'),
        spending: 'c1',
        spendingSinceMs: 1_767_225_600_000,
        rotates: true,
        dpopKey: new Secret('{"kty":"EC","d":"key-canary"}'),
        accessToken: new Secret('access-canary'),
        obtainedAtMs: 1_767_225_600_000.25,
        scopes: ['models.read', 'Zürich'],
        generation: 12,
      },
    ],
    ['other', { generation: 0, usedCodes: ['d1'] }],
  ]),
};

describe.each(forms)('a token file %s', (_form, keys) => {
  const written = Buffer.from(writeTokenFile(sample, keys));
  /** The same content, or a fault: what a change of the file may lead to. */
  const isSafe = (bytes: Buffer) => {
    const reading = readTokenFile(bytes.toString('utf8'), keys);
    return 'fault' in reading || shown(reading.content) === shown(sample);
  };

  it('gives back whatever was written', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const reading = readTokenFile(writeTokenFile(content, keys), keys);
        if ('fault' in reading) throw new Error(reading.fault);
        expect(reading.upToDate).toBe(true);
        expect(shown(reading.content)).toBe(shown(content));
      }),
    );
  });

  it('never gives other content for any one of its bits flipped', () => {
    const unsafe: number[] = [];
    for (let bit = 0; bit < written.length * 8; bit++) {
      const flipped = Buffer.from(written);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      if (!isSafe(flipped)) unsafe.push(bit);
    }
    expect(unsafe).toEqual([]);
  });

  it('never gives other content when it is cut short anywhere', () => {
    // Without its last line end it is whole still.
    for (let length = 0; length < written.length - 1; length++)
      expect(readTokenFile(written.toString('utf8', 0, length), keys)).toHaveProperty('fault');
    expect(isSafe(written.subarray(0, -1))).toBe(true);
  });

  it('never gives other content for bytes changed, lost or doubled in any place', () => {
    fc.assert(
      fc.property(fc.nat(written.length), fc.nat(40), fc.uint8Array({ maxLength: 40 }), (at, lost, put) => {
        expect(isSafe(Buffer.concat([written.subarray(0, at), put, written.subarray(at + lost)]))).toBe(true);
      }),
      { numRuns: enduranceRounds(2000) },
    );
  });
});

describe('a token file that is whole', () => {
  it('is a fault all the same where it holds what this version does not know', () => {
    const content = { fingerprintKey: '', tokens: [{ name: 'claude', generation: 1, later: true }] };
    const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    const file = JSON.stringify({ format: 2, sha256, content });
    expect(readTokenFile(file, undefined)).toEqual({ fault: 'is damaged at tokens.0' });
  });
});

describe('an encrypted token file', () => {
  it('shows nothing but its format and which key it takes', () => {
    const file = writeTokenFile(sample, keyring);
    expect(JSON.parse(file)).toEqual({
      format: 2,
      cipher: 'A256GCM',
      keyId: keyring.keyId,
      nonce: expect.stringMatching(/^[\w+/]{16}$/),
      ciphertext: expect.stringMatching(/^[\w+/]+=*$/),
    });
    for (const word of ['claude', 'canary', 'models.read', 'refreshToken']) expect(file).not.toContain(word);
  });
});

describe('a token file of the format before', () => {
  it('is read, and is due to be written anew', () => {
    const { name, ...token } = {
      name: 'claude',
      seedFingerprint: 'a1',
      spentSeeds: ['a0'],
      askFingerprint: 'b1',
      refreshToken: 'rt',
      spending: 'c1',
      accessToken: 'at',
      obtainedAtMs: 1,
      expiresAtMs: 2,
      scopes: ['x'],
      generation: 3,
    };
    const file = { format: 1, fingerprintKey: Buffer.alloc(32).toString('base64'), tokens: [{ name, ...token }] };
    const reading = readTokenFile(JSON.stringify(file), undefined);
    expect(reading).toEqual({
      content: {
        fingerprintKey: Buffer.alloc(32),
        tokens: new Map([[name, expect.objectContaining({ spending: 'c1' })]]),
      },
      upToDate: false,
    });
    if ('fault' in reading) throw new Error(reading.fault);
    const found = reading.content.tokens.get(name);
    expect({
      ...found,
      refreshToken: found?.refreshToken?.reveal(),
      accessToken: found?.accessToken?.reveal(),
    }).toEqual(token);
  });
});
