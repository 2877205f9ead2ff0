import { join } from 'node:path';
import { z } from 'zod';
import { compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import { type StoredToken, type TokenStore, TokenStoreError } from '../model/token.ts';
import type { System } from '../system/system.ts';
import { isJsonObject, parseJson } from './json.ts';
import { anySpent } from './spent-seeds.ts';
import { tokenFingerprint } from './token-fingerprint.ts';
import { createTurns } from './turns.ts';

const format = 1;
const fileName = 'tokens.json';

const optionalSecret = z
  .string()
  .transform((text) => new Secret(text))
  .optional();

const tokenSchema = z.strictObject({
  name: z.string(),
  seedFingerprint: z.string().optional(),
  spentSeeds: z.array(z.string()).optional(),
  askFingerprint: z.string().optional(),
  refreshToken: optionalSecret,
  spending: z.string().optional(),
  accessToken: optionalSecret,
  obtainedAtMs: z.number().optional(),
  expiresAtMs: z.number().optional(),
  scopes: z.array(z.string()).optional(),
  generation: z.int().nonnegative(),
});

const fileSchema = z.strictObject({
  format: z.literal(format),
  /** In the same file as the fingerprints, so that the two can never part. */
  fingerprintKey: z.base64(),
  /** A list, since a name such as `__proto__` is no safe key. */
  tokens: z.array(tokenSchema),
});

interface Content {
  readonly key: Buffer;
  readonly tokens: ReadonlyMap<string, StoredToken>;
}

/**
 * The embedded token store: one file (0600) in `stateDir`, which this process alone writes. It is read once; each write
 * replaces it whole and is on disk when its promise resolves. A file that cannot be read or understood is left as it
 * is, and every call throws `TokenStoreError` until it can.
 */
export function createTokenFileStore(
  { files, random }: Pick<System, 'files' | 'random'>,
  stateDir: string,
): TokenStore {
  const path = join(stateDir, fileName);
  let content: Content | undefined;
  const turns = createTurns();
  /** One call after another: each builds on what the one before has stored. */
  const inTurn = <T>(call: () => Promise<T>) => turns(path, call);

  const save = async (changed: Content) => {
    try {
      await files.makeFolder(stateDir);
      await files.replace(path, serialise(changed), 0o600);
    } catch (error) {
      throw new TokenStoreError(`The token store ${path} cannot be written: ${reasonOf(error)}.`);
    }
    content = changed;
    return changed;
  };

  const open = async () => {
    if (content) return content;
    const text = await readIfThere(files, path);
    // The key is on disk before any fingerprint is told: what is compared across restarts must be made with one key.
    if (text === undefined) return save({ key: random.bytes(32), tokens: new Map() });
    content = parse(path, text);
    return content;
  };

  return {
    read: (token) => inTurn(async () => (await open()).tokens.get(token)),
    write: (token, stored) =>
      inTurn(async () => {
        const { key, tokens } = await open();
        await save({ key, tokens: new Map([...tokens, [token, stored]]) });
      }),
    hasSpent: (seedFingerprint) => inTurn(async () => anySpent((await open()).tokens.values(), seedFingerprint)),
    alone: createTurns(),
    fingerprint: (secret) => inTurn(async () => tokenFingerprint((await open()).key, secret)),
  };
}

/** Undefined when there is no such file. */
async function readIfThere(files: System['files'], path: string): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new TokenStoreError(`The token store ${path} cannot be read: ${reasonOf(error)}.`);
  }
}

function parse(path: string, text: string): Content {
  const json = parseJson(text);
  const refuse = (what: string) =>
    new TokenStoreError(
      `The token store ${path} ${what}. It is left as it is; move it away to begin anew, with new refresh tokens.`,
    );
  if (!isJsonObject(json)) throw refuse('is damaged: it is not a JSON object');
  if (json.format !== format) throw refuse(`is not of format ${format}, the one that this version of sonde knows`);
  const { success, data, error } = fileSchema.safeParse(json);
  if (!success) throw refuse(`is damaged at ${error.issues[0]?.path.join('.')}`);
  return {
    key: Buffer.from(data.fingerprintKey, 'base64'),
    tokens: new Map(data.tokens.map(({ name, ...token }) => [name, compact(token)])),
  };
}

/** The one place where stored secrets become text. */
function serialise({ key, tokens }: Content): string {
  const revealed = [...tokens].map(([name, token]) => ({
    name,
    ...token,
    refreshToken: token.refreshToken?.reveal(),
    accessToken: token.accessToken?.reveal(),
  }));
  const file = { format, fingerprintKey: key.toString('base64'), tokens: revealed };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Node's own message names the path a second time; its code is what a person looks up. */
function reasonOf(error: unknown): string {
  return String(codeOf(error) ?? error);
}
