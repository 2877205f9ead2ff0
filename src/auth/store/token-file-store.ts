import { join } from 'node:path';
import type { StateEncryption } from '../../model/state-encryption.ts';
import { type TokenStore, TokenStoreError } from '../../model/token.ts';
import type { System } from '../../system/system.ts';
import { createTurns } from '../turns.ts';
import { createKeyring } from './keyring.ts';
import { anySpent } from './spent-seeds.ts';
import { readTokenFile, type TokenFileContent, tokenFilePurpose, writeTokenFile } from './token-file-format.ts';
import { tokenFingerprint } from './token-fingerprint.ts';

const fileName = 'tokens.json';

/** The embedded token store. */
export interface TokenFileStore extends TokenStore {
  /**
   * Takes these keys from now on, or none. What was read before is written anew at once where it is not encrypted with
   * the first of them. Throws `TokenStoreError` where a start with them would be refused, or it cannot be written, and
   * goes on with the keys of before.
   */
  useKeys(encryption: StateEncryption | undefined): Promise<void>;
}

/**
 * One file (0600) in `stateDir`, which this process alone writes. It is read once; each write replaces it whole and is on
 * disk when its promise resolves. With keys it is encrypted (AES-256-GCM), also one that was found in plain text or under
 * an old key, or whose mode lets others read it. A file that cannot be read or understood is left as it is, and every call throws `TokenStoreError` until
 * it can.
 */
export function createTokenFileStore(
  { files, random }: Pick<System, 'files' | 'random'>,
  stateDir: string,
  encryption?: StateEncryption,
): TokenFileStore {
  const path = join(stateDir, fileName);
  const keyringOf = (keys: StateEncryption | undefined) => keys && createKeyring(keys, tokenFilePurpose, random);
  let keyring = keyringOf(encryption);
  let content: TokenFileContent | undefined;
  const turns = createTurns();
  /** One call after another: each builds on what the one before has stored. */
  const inTurn = <T>(call: () => Promise<T>) => turns(path, call);

  const save = async (changed: TokenFileContent) => {
    try {
      await files.makeFolder(stateDir);
      await files.replace(path, writeTokenFile(changed, keyring), 0o600);
    } catch (error) {
      throw new TokenStoreError(`The token store ${path} cannot be written: ${reasonOf(error)}.`);
    }
    content = changed;
    return changed;
  };

  /** What stands on disk; undefined when there is no file. */
  const look = async () => {
    const text = await readIfThere(files, path);
    if (text === undefined) return undefined;
    const reading = readTokenFile(text, keyring);
    if ('fault' in reading) throw refusal(path, reading);
    return reading;
  };

  const open = async () => {
    if (content) return content;
    const found = await look();
    // It holds the same secrets, and perhaps not encrypted.
    await files.sweep(path);
    // The key is on disk before any fingerprint is told: what is compared across restarts must be made with one key.
    if (!found) return save({ fingerprintKey: random.bytes(32), tokens: new Map() });
    const { mode } = await files.stat(path);
    if (!found.upToDate || (mode & ~0o600) !== 0) return save(found.content);
    content = found.content;
    return content;
  };

  return {
    read: (token) => inTurn(async () => (await open()).tokens.get(token)),
    write: (token, stored) =>
      inTurn(async () => {
        const { fingerprintKey, tokens } = await open();
        await save({ fingerprintKey, tokens: new Map([...tokens, [token, stored]]) });
      }),
    hasSpent: (seedFingerprint) => inTurn(async () => anySpent((await open()).tokens.values(), seedFingerprint)),
    alone: createTurns(),
    fingerprint: (secret) => inTurn(async () => tokenFingerprint((await open()).fingerprintKey, secret)),
    useKeys: (keys) =>
      inTurn(async () => {
        const before = keyring;
        keyring = keyringOf(keys);
        try {
          const found = await look();
          // Before anything was read, the first to need the store writes it anew.
          if (content && !found?.upToDate) await save(content);
        } catch (error) {
          keyring = before;
          throw error;
        }
      }),
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

function refusal(path: string, { fault, mend }: { readonly fault: string; readonly mend?: string }): TokenStoreError {
  const way = mend === undefined ? '' : `${mend}, or `;
  return new TokenStoreError(
    `The token store ${path} ${fault}. It is left as it is; ${way}move it away to begin anew, with new refresh tokens.`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Node's own message names the path a second time; its code is what a person looks up. */
function reasonOf(error: unknown): string {
  return String(codeOf(error) ?? error);
}
