import type { TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import type { StoredToken, TokenStore } from '../model/token.ts';
import type { ReceivedToken } from './grant.ts';

/** The refresh token to send next, or what our own record says of the one that is not there. */
export type NextRefreshToken =
  | { readonly standing: 'live'; readonly token: Secret }
  | { readonly standing: 'spent' | 'absent' };

/**
 * The record of one family of refresh tokens (RFC 6749 section 6). It knows nothing of the issuer; it sees to it that a
 * token that has had a successor is never sent again, and that no successor is lost that we were given.
 *
 * - The configured refresh token, the seed, begins a family, and the store holds its successors. A keyed fingerprint
 *   tells whose they are. A seed that has had a successor is never sent again, not even after another one was configured
 *   in between, or under another name; and of two sources that have the same seed, one sends it at a time. A seed not
 *   seen before begins a new family; the record of the old one stays until that has succeeded.
 * - Before a token is sent, the store notes its fingerprint, and with the answer the note goes. A note found at a start,
 *   or a request whose answer was lost, means that the token may be spent. It is sent once more all the same: without
 *   the lost successor the family has ended in any case, so nothing is at stake, and it goes on when the request had
 *   never arrived, or the issuer does not rotate or forgives a repetition. When it is refused then, the family is lost.
 */
export interface RefreshTokenFamily {
  /** Reads the record at first; later stores what could not be stored before. Throws `TokenStoreError`. */
  open(): Promise<void>;
  /** Runs `act`, in which `next` and all that follows belong, while no other source with the same seed runs its own. */
  alone<T>(act: () => Promise<T>): Promise<T>;
  /** To be called after `open`. Throws `TokenStoreError`. */
  next(): Promise<NextRefreshToken>;
  /** The record of an access token that an earlier process had by the same issuer, client and scopes. */
  stored(): StoredToken | undefined;
  /** Counts the family's access tokens; the number of the last one. */
  generation(): number;
  /** Notes that `token` is about to be sent. Throws `TokenStoreError`, and the token must not be sent then. */
  intend(token: Secret): Promise<void>;
  /** Stores what the answer brought. Throws `TokenStoreError`, and nothing of it may be used until `open` succeeds. */
  succeed(sent: Secret, successor: Secret | undefined, received: ReceivedToken | undefined): Promise<void>;
  /** The answer was lost, or leaves open what has become of the token. */
  doubt(): void;
  /** The token was not spent: the note goes. */
  spare(): Promise<void>;
  /** The issuer has refused the token itself. `lost`: our own record says why. */
  refuse(): Promise<'lost' | 'refused'>;
}

export function createRefreshTokenFamily(store: TokenStore, definition: TokenDefinition): RefreshTokenFamily {
  const { name, refreshToken: seed } = definition;
  let opened = false;
  let onDisk: StoredToken | undefined;
  /** What is on disk, or what is to be there once a new seed has succeeded. */
  let family: StoredToken = { generation: 0 };
  let seedPrint: string | undefined;
  let askPrint = '';
  let inDoubt = false;
  let unsaved = false;

  const write = async (record: StoredToken) => {
    await store.write(name, record);
    onDisk = record;
  };
  /** For what is not worth a failed run: a note that stays costs no more than a repetition. */
  const writeIfPossible = (record: StoredToken) => write(record).catch(() => {});
  const save = async () => {
    await write(family);
    unsaved = false;
  };

  const begin = async () => {
    const found = await store.read(name);
    seedPrint = seed && (await store.fingerprint(seed));
    askPrint = await store.fingerprint(askOf(definition));
    onDisk = found;
    family = familyOf(found, seed, seedPrint);
    inDoubt = family.refreshToken !== undefined && found?.spending === (await store.fingerprint(family.refreshToken));
    opened = true;
  };
  /** Looked up each time: another source with the same seed may have spent it meanwhile. */
  const isSpentSeed = async () => {
    if (!family.refreshToken) return false;
    const print = await store.fingerprint(family.refreshToken);
    return print === seedPrint && (await store.hasSpent(print));
  };
  const withSeedSpent = (record: StoredToken) =>
    seedPrint === undefined
      ? record
      : { ...record, spentSeeds: [...new Set([...(record.spentSeeds ?? []), seedPrint])] };
  const spare = async () => {
    if (!inDoubt && onDisk) await writeIfPossible(without(onDisk, 'spending'));
  };

  return {
    async open() {
      if (!opened) await begin();
      if (unsaved) await save();
    },
    alone: (act) => (seedPrint === undefined ? act() : store.alone(seedPrint, act)),
    async next() {
      if (await isSpentSeed()) family = { generation: family.generation };
      if (family.refreshToken) return { standing: 'live', token: family.refreshToken };
      return { standing: seed ? 'spent' : 'absent' };
    },
    stored: () => (family.askFingerprint === askPrint ? family : undefined),
    generation: () => family.generation,
    async intend(token) {
      const spending = await store.fingerprint(token);
      if (onDisk?.spending !== spending) await write({ generation: 0, ...onDisk, spending });
    },
    async succeed(sent, successor = sent, received = undefined) {
      const rotated = successor.reveal() !== sent.reveal();
      const kept = without(rotated ? withSeedSpent(family) : family, 'spending');
      family = { ...kept, refreshToken: successor, ...(received && recordOf(received, askPrint)) };
      inDoubt = false;
      unsaved = true;
      await save();
    },
    doubt() {
      inDoubt = true;
    },
    spare,
    async refuse() {
      if (!inDoubt) {
        await spare();
        return 'refused';
      }
      const isOnDisk = family.seedFingerprint === onDisk?.seedFingerprint;
      family = without(family, 'refreshToken');
      await writeIfPossible(withSeedSpent(without(isOnDisk ? family : { generation: 0, ...onDisk }, 'spending')));
      return 'lost';
    },
  };
}

function without(record: StoredToken, member: 'refreshToken' | 'spending'): StoredToken {
  const { [member]: _, ...kept } = record;
  return kept;
}

/** What an access token depends on, but for the seed; the client's secret may be renewed meanwhile. */
function askOf({ issuer, endpoints, clientId, scopes }: TokenDefinition): Secret {
  return new Secret(JSON.stringify([issuer, endpoints.token, clientId, scopes]));
}

function familyOf(
  found: StoredToken = { generation: 0 },
  seed: Secret | undefined,
  seedFingerprint: string | undefined,
): StoredToken {
  if (!seed || !seedFingerprint || found.seedFingerprint === seedFingerprint) return found;
  const { generation, spentSeeds = [] } = found;
  return { generation, seedFingerprint, spentSeeds, refreshToken: seed };
}

function recordOf({ value, scopes, lifetime, generation }: ReceivedToken, askFingerprint: string): StoredToken {
  return compact({
    askFingerprint,
    accessToken: value,
    obtainedAtMs: lifetime.obtainedAtMs + lifetime.wallOffsetMs,
    expiresAtMs: lifetime.expiresAtWallMs,
    scopes,
    generation,
  });
}
