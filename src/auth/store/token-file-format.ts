import { createHash } from 'node:crypto';
import { z } from 'zod';
import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { StoredToken } from '../../model/token.ts';
import { isJsonObject, parseJson } from '../json.ts';
import type { Keyring } from './keyring.ts';

/** All that the token store holds. */
export interface TokenFileContent {
  /** In the same file as the fingerprints that it makes, so that the two can never part. */
  readonly fingerprintKey: Buffer;
  readonly tokens: ReadonlyMap<string, StoredToken>;
}

/** What was read, or why it cannot be: the rest of a sentence that begins with the file, and what mends it. */
export type TokenFileReading =
  | {
      readonly content: TokenFileContent;
      /** Whether it is in the form, and under the key, that it would be written in now. */
      readonly upToDate: boolean;
    }
  | { readonly fault: string; readonly mend?: string };

/** Binds the ciphertext to this use of the key. */
export const tokenFilePurpose = 'sonde token store, format 2';

const optionalSecret = z
  .string()
  .transform((text) => new Secret(text))
  .optional();
const optionalText = z.string().optional();
const optionalTexts = z.array(z.string()).optional();
const optionalNumber = z.number().optional();

/** All members by name: one that is left out here would be refused when it is read again. */
const recordShape = {
  ownerFingerprint: optionalText,
  seedFingerprint: optionalText,
  spentSeeds: optionalTexts,
  askFingerprint: optionalText,
  refreshToken: optionalSecret,
  spending: optionalText,
  spendingSinceMs: optionalNumber,
  rotates: z.boolean().optional(),
  loggedInAtMs: optionalNumber,
  loggedOutAtMs: optionalNumber,
  dpopKey: optionalSecret,
  usedCodes: optionalTexts,
  accessToken: optionalSecret,
  tokenType: z.enum(['dpop', 'bearer']).optional(),
  obtainedAtMs: optionalNumber,
  obtainedSkewMs: optionalNumber,
  expiresAtMs: optionalNumber,
  scopes: optionalTexts,
  generation: z.int().nonnegative(),
} satisfies Record<Exclude<keyof StoredToken, 'others'>, z.ZodType>;

const tokenShape = { name: z.string(), ...recordShape, others: z.array(z.strictObject(recordShape)).optional() };

const contentSchema = z.strictObject({
  fingerprintKey: z.base64(),
  /** A list, since a name such as `__proto__` is no safe key. */
  tokens: z.array(z.strictObject(tokenShape)),
});

/** Of before there was a checksum: read, and never written. */
const firstFileSchema = contentSchema.extend({ format: z.literal(1) });
/** The checksum is of the content as JSON without blanks. */
const plainFileSchema = z.strictObject({ format: z.literal(2), sha256: z.string(), content: z.unknown() });
const sealedFileSchema = z.strictObject({
  format: z.literal(2),
  cipher: z.literal('A256GCM'),
  keyId: z.string(),
  nonce: z.string(),
  ciphertext: z.string(),
});

/** The text of the file: in plain, or, where there are keys, sealed but for its format and which key it takes. */
export function writeTokenFile(content: TokenFileContent, keyring: Keyring | undefined): string {
  const plain = plainOf(content);
  const file = keyring
    ? { format: 2, cipher: 'A256GCM', ...keyring.seal(JSON.stringify(plain)) }
    : { format: 2, sha256: checksumOf(plain), content: plain };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** Reads what `writeTokenFile` of this version, or of one before it, has written. A changed bit or a cut end is a fault. */
export function readTokenFile(text: string, keyring: Keyring | undefined): TokenFileReading {
  const json = parseJson(text);
  if (!isJsonObject(json)) return { fault: 'is damaged: it is not a JSON object' };
  if (json.format === 1) return readFirst(json);
  if (json.format !== 2) return { fault: 'is of a format that this version of sonde does not know' };
  return Object.hasOwn(json, 'ciphertext') ? readSealed(json, keyring) : readPlain(json, keyring);
}

function readFirst(json: unknown): TokenFileReading {
  const { data, error } = firstFileSchema.safeParse(json);
  return data ? { content: contentOf(data), upToDate: false } : damagedAt(error);
}

function readPlain(json: unknown, keyring: Keyring | undefined): TokenFileReading {
  const { data, error } = plainFileSchema.safeParse(json);
  if (!data) return damagedAt(error);
  if (data.sha256 !== checksumOf(data.content))
    return { fault: 'is damaged: its checksum is not that of what it holds' };
  return readContent(data.content, !keyring);
}

function readSealed(json: unknown, keyring: Keyring | undefined): TokenFileReading {
  const { data, error } = sealedFileSchema.safeParse(json);
  if (!data) return damagedAt(error);
  const { keyId } = data;
  if (!keyring?.keyIds.includes(keyId)) {
    const known = keyring ? `the configuration has ${keyring.keyIds.join(', ')}` : 'the configuration has none';
    return {
      fault: `is encrypted with the key ${keyId}, and ${known}`,
      mend: `name that key under \`state_encryption\`, as \`key\` or in \`old_keys\``,
    };
  }
  const opened = keyring.open(data);
  if (opened === undefined) return { fault: `is damaged: it cannot be decrypted with its key ${keyId}` };
  return readContent(parseJson(opened), keyId === keyring.keyId);
}

function readContent(json: unknown, upToDate: boolean): TokenFileReading {
  const { data, error } = contentSchema.safeParse(json);
  return data ? { content: contentOf(data), upToDate } : damagedAt(error);
}

function damagedAt({ issues: [first] }: z.ZodError): TokenFileReading {
  return { fault: `is damaged at ${first?.path.join('.')}` };
}

function contentOf({ fingerprintKey, tokens }: z.infer<typeof contentSchema>): TokenFileContent {
  return {
    fingerprintKey: Buffer.from(fingerprintKey, 'base64'),
    tokens: new Map(
      tokens.map(({ name, others, ...token }) => [name, compact({ ...token, others: others?.map(compact) })]),
    ),
  };
}

function plainOf({ fingerprintKey, tokens }: TokenFileContent) {
  return {
    fingerprintKey: fingerprintKey.toString('base64'),
    tokens: [...tokens].map(([name, token]) => ({ name, ...revealed(token) })),
  };
}

/** The one place where stored secrets become text. */
function revealed({ refreshToken, accessToken, dpopKey, others, ...token }: StoredToken): object {
  return {
    ...token,
    refreshToken: refreshToken?.reveal(),
    accessToken: accessToken?.reveal(),
    dpopKey: dpopKey?.reveal(),
    others: others?.map(revealed),
  };
}

function checksumOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
