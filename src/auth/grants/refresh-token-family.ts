import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { StoredToken, TokenObservation, TokenStore } from '../../model/token.ts';
import type { LoginTokens } from '../authorizer.ts';
import {
  askOf,
  familyOf,
  holdsTokens,
  loginRecord,
  ownerOf,
  partedByOwner,
  withAccess,
  withoutNote,
} from './family-record.ts';
import type { ReceivedToken } from './grant.ts';

/** What our own record says of the refresh token. */
export type RefreshTokenStanding = Pick<TokenObservation, 'refreshToken' | 'spendingSinceMs'>;

/** What a refresh brought. */
export interface Succession {
  /** Absent where the answer had none: then the one that was sent goes on. */
  readonly successor?: Secret;
  readonly received?: ReceivedToken;
  /** The key of our own making that the tokens are bound to. */
  readonly dpopKey?: Secret;
}

/**
 * The record of one family of refresh tokens (RFC 6749 section 6). It knows nothing of the issuer; it sees to it that a
 * token that has had a successor is never sent again, that no successor is lost that we were given, and that none goes
 * to another issuer, or as another client's, than it was granted by.
 *
 * - A family belongs to an owner: issuer, token endpoint and client. Where the configuration names another one, it is
 *   left as it is, for the day when the configuration comes back to it, and another family begins beside it.
 * - A family begins with the configured refresh token, the seed, or with a login; the store holds its successors. A keyed
 *   fingerprint tells whose they are. A seed that has had a successor is never sent again, not even after another one was
 *   configured in between, or under another name; and of two sources that have the same seed, one sends it at a time. A
 *   seed not seen before begins a new family; the record of the old one stays until that has succeeded. A seed that a
 *   login has taken the place of is not gone back to.
 * - Before a token is sent, the store notes its fingerprint, and with the answer the note goes. A note found at a start,
 *   or a request whose answer was lost, means that the token may be spent. It is sent once more all the same: without
 *   the lost successor the family has ended in any case, so nothing is at stake, and it goes on when the request had
 *   never arrived, or the issuer does not rotate or forgives a repetition. When it is refused then, the family is lost,
 *   and the note stays as the evidence.
 */
export interface RefreshTokenFamily {
  /** Reads the record at first; later stores what could not be stored before. Throws `TokenStoreError`. */
  open(): Promise<void>;
  /** Runs `act`, in which `next` and all that follows belong, while no other source with the same seed runs its own. */
  alone<T>(act: () => Promise<T>): Promise<T>;
  /** The token to send, or why there is none. To be called after `open`. Throws `TokenStoreError`. */
  next(): Promise<{ readonly token: Secret } | RefreshTokenStanding>;
  standing(): RefreshTokenStanding;
  /** The record of an access token that an earlier process had by the same issuer, client and scopes. */
  stored(): StoredToken | undefined;
  /** The private JWK that the stored tokens are bound to, where the configuration has none of its own. */
  dpopKey(): Secret | undefined;
  /** Counts the family's access tokens; the number of the last one. */
  generation(): number;
  /** Notes that `token` is about to be sent, and when. Throws `TokenStoreError`, and the token must not be sent then. */
  intend(token: Secret, atWallMs: number): Promise<void>;
  /** Stores what the answer brought. Throws `TokenStoreError`, and nothing of it may be used until `open` succeeds. */
  succeed(sent: Secret, brought: Succession): Promise<void>;
  /** The answer was lost, or leaves open what has become of the token. */
  doubt(): void;
  /** The token was not spent: the note goes. */
  spare(): Promise<void>;
  /** The issuer has refused the token itself. Tells what our own record makes of that. */
  refuse(): Promise<RefreshTokenStanding>;
  /**
   * Begins a new family with what a login brought. Throws `TokenStoreError`, and the family is the one of before. Resolves
   * with whether a refresh token has been replaced that the issuer may take still.
   */
  adopt(login: LoginTokens): Promise<boolean>;
  /**
   * Begins a logout: notes it, so that a crash does not undo it, and tells what is to be revoked, refresh tokens first.
   * Throws `TokenStoreError`; the family has ended all the same, `open` stores that, and the logout is still to be finished.
   */
  leave(atWallMs: number): Promise<readonly KeptToken[]>;
  /** Whether a logout has begun and not come to its end. */
  isLeaving(): boolean;
  /** Ends a logout. Throws `TokenStoreError`; it has ended all the same, and `open` stores it. */
  forget(): Promise<void>;
}

/** A token that can be revoked, by its hint (RFC 7009 section 2.1). */
export interface KeptToken {
  readonly token: Secret;
  readonly hint: 'refresh_token' | 'access_token';
}

export function createRefreshTokenFamily(store: TokenStore, definition: TokenDefinition): RefreshTokenFamily {
  const { name, refreshToken: seed, dpop } = definition;
  let opened = false;
  let onDisk: StoredToken = { generation: 0 };
  /** What is on disk, or what is to be there once a new seed has succeeded. */
  let family = onDisk;
  /** What belongs to other owners: it is written again as it was found. */
  let others: readonly StoredToken[] = [];
  let ownerPrint = '';
  let seedPrint: string | undefined;
  let askPrint = '';
  let inDoubt = false;
  let unsaved = false;

  const write = async (record: StoredToken) => {
    const kept = others.length > 0 ? others : undefined;
    await store.write(name, compact({ ...record, ownerFingerprint: ownerPrint, others: kept }));
    onDisk = record;
  };
  /** For what is not worth a failed run: a note that stays costs no more than a repetition. */
  const writeIfPossible = (record: StoredToken) => write(record).catch(() => {});
  const save = async () => {
    await write(family);
    unsaved = false;
  };

  const begin = async () => {
    const found = (await store.read(name)) ?? onDisk;
    seedPrint = seed && (await store.fingerprint(seed));
    askPrint = await store.fingerprint(askOf(definition));
    ownerPrint = await store.fingerprint(ownerOf(definition));
    const parted = partedByOwner(found, compact({ owner: ownerPrint, ask: askPrint, seed: seedPrint }));
    onDisk = parted.own;
    others = parted.others;
    family = familyOf(onDisk, seed, seedPrint);
    inDoubt = family.refreshToken !== undefined && onDisk.spending === (await store.fingerprint(family.refreshToken));
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
  /** A family that a login has begun has nothing to do with the seed. */
  const withOwnSeedSpent = (record: StoredToken) =>
    family.loggedInAtMs === undefined ? withSeedSpent(record) : record;
  const spare = async () => {
    if (!inDoubt) await writeIfPossible(withoutNote(onDisk));
  };

  const standing = (): RefreshTokenStanding => {
    const { refreshToken, loggedInAtMs, loggedOutAtMs, spending, spendingSinceMs } = family;
    if (loggedOutAtMs !== undefined) return { refreshToken: 'logged_out' };
    if (refreshToken) return { refreshToken: 'live' };
    if (spending !== undefined) return compact({ refreshToken: 'spent' as const, spendingSinceMs });
    if (loggedInAtMs !== undefined) return { refreshToken: 'absent' };
    if (others.some(isOfSeed)) return { refreshToken: 'foreign' };
    return { refreshToken: seed ? 'spent' : 'absent' };
  };
  /** Whether a record of another owner is what there would be to send if it were ours. */
  const isOfSeed = (other: StoredToken) => holdsTokens(other) && (!seed || other.seedFingerprint === seedPrint);

  const next: RefreshTokenFamily['next'] = async () => {
    if (await isSpentSeed()) family = compact({ ...family, refreshToken: undefined });
    const { refreshToken, loggedOutAtMs } = family;
    return refreshToken && loggedOutAtMs === undefined ? { token: refreshToken } : standing();
  };

  /** What the seed is remembered by when a login or a logout has taken its place. */
  const beforeConsent = () => compact({ ...family, seedFingerprint: seedPrint ?? family.seedFingerprint });

  return {
    async open() {
      if (!opened) await begin();
      if (unsaved) await save();
    },
    alone: (act) => (seedPrint === undefined ? act() : store.alone(seedPrint, act)),
    next,
    standing,
    stored: () => (family.askFingerprint === askPrint && family.loggedOutAtMs === undefined ? family : undefined),
    dpopKey: () => (dpop && !dpop.key ? family.dpopKey : undefined),
    generation: () => family.generation,
    async intend(token, atWallMs) {
      const spending = await store.fingerprint(token);
      if (onDisk.spending !== spending) await write({ ...onDisk, spending, spendingSinceMs: atWallMs });
    },
    async succeed(sent, { successor = sent, received, dpopKey }) {
      const rotated = successor.reveal() !== sent.reveal();
      const kept = withoutNote(rotated ? withOwnSeedSpent(family) : family);
      const record = compact({
        ...kept,
        refreshToken: successor,
        rotates: rotated || undefined,
        dpopKey: dpopKey ?? kept.dpopKey,
      });
      family = received ? withAccess(record, received, askPrint) : record;
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
        return { refreshToken: family.rotates ? 'taken' : 'live' };
      }
      const { spending, spendingSinceMs } = onDisk;
      const isOnDisk = family.seedFingerprint === onDisk.seedFingerprint || !onDisk.refreshToken;
      family = withOwnSeedSpent(compact({ ...family, refreshToken: undefined, spending, spendingSinceMs }));
      await writeIfPossible(isOnDisk ? family : withSeedSpent(withoutNote(onDisk)));
      return standing();
    },
    async adopt(login) {
      const scopes = login.scopes ?? (definition.scopes.length > 0 ? definition.scopes : undefined);
      const begun = loginRecord(beforeConsent(), compact({ ...login, scopes }), askPrint);
      const before = onDisk.refreshToken?.reveal();
      await write(begun);
      family = begun;
      inDoubt = false;
      unsaved = false;
      // A command that was not answered hands the same login over again.
      return before !== undefined && before !== login.refreshToken?.reveal();
    },
    async leave(atWallMs) {
      const asked = await next();
      const refreshTokens = ['token' in asked ? asked.token : undefined, onDisk.refreshToken];
      const accessTokens = [family.accessToken, onDisk.accessToken];
      const { seedFingerprint } = beforeConsent();
      family = compact({ ...onDisk, seedFingerprint, loggedOutAtMs: family.loggedOutAtMs ?? atWallMs });
      unsaved = true;
      await save();
      return [...keptTokens(refreshTokens, 'refresh_token'), ...keptTokens(accessTokens, 'access_token')];
    },
    isLeaving: () => family.loggedOutAtMs !== undefined && holdsTokens(family),
    async forget() {
      const { generation, seedFingerprint, spentSeeds, loggedOutAtMs } = withSeedSpent(beforeConsent());
      family = compact({ generation, seedFingerprint, spentSeeds, loggedOutAtMs });
      inDoubt = false;
      unsaved = true;
      await save();
    },
  };
}

/** Each of them once. */
function keptTokens(tokens: readonly (Secret | undefined)[], hint: KeptToken['hint']): readonly KeptToken[] {
  const byText = new Map(tokens.flatMap((token) => (token ? [[token.reveal(), token] as const] : [])));
  return [...byText.values()].map((token) => ({ token, hint }));
}
