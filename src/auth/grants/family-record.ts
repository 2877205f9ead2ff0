import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { StoredToken } from '../../model/token.ts';
import type { LoginTokens } from '../authorizer.ts';
import { storedLifetime } from '../source/lifetime.ts';
import type { ReceivedToken } from './grant.ts';

/** What an access token depends on, but for the seed; the client's secret may be renewed meanwhile. */
export function askOf(definition: TokenDefinition): Secret {
  const { issuer, endpoints, clientId, scopes, resources, audience, parameters, dpop } = definition;
  const proof = dpop && [dpop.algorithm, dpop.key?.reveal()];
  const certificate = definition.presentCertificate ? definition.clientCertificate?.certificate : undefined;
  const asked = [issuer, endpoints.token, clientId, scopes, resources, audience, parameters, proof, certificate];
  return new Secret(JSON.stringify(asked));
}

/** Whose the tokens of a family are: who granted them, where they are sent, and to which client they were given. */
export function ownerOf({ issuer, endpoints, clientId }: TokenDefinition): Secret {
  return new Secret(JSON.stringify([issuer, endpoints.token, clientId]));
}

/** What a configuration is recognised by, as keyed fingerprints. */
export interface FamilyPrints {
  readonly owner: string;
  readonly ask: string;
  readonly seed?: string;
}

/** Parts what is stored under one name into the owner's record, the beginning of one where there is none, and others. */
export function partedByOwner(
  { others = [], ...last }: StoredToken,
  prints: FamilyPrints,
): { readonly own: StoredToken; readonly others: readonly StoredToken[] } {
  const records = [last, ...others];
  const own = records.find((record) => belongsTo(record, prints));
  return { own: own ?? { generation: 0 }, others: records.filter((record) => record !== own && saysAnything(record)) };
}

/** A record of before owners were noted is ours when it says so otherwise, or when it holds nothing that could be sent. */
function belongsTo(record: StoredToken, { owner, ask, seed }: FamilyPrints): boolean {
  const { ownerFingerprint, askFingerprint, seedFingerprint } = record;
  if (ownerFingerprint !== undefined) return ownerFingerprint === owner;
  if (!holdsTokens(record) || askFingerprint === ask) return true;
  return seed !== undefined && seedFingerprint === seed;
}

function saysAnything({ ownerFingerprint: _, generation: __, ...said }: StoredToken): boolean {
  return Object.keys(said).length > 0;
}

export function holdsTokens({ refreshToken, accessToken }: StoredToken): boolean {
  return refreshToken !== undefined || accessToken !== undefined;
}

/** The record as it stands for this seed: what was found, or the beginning of a new family. */
export function familyOf(
  found: StoredToken,
  seed: Secret | undefined,
  seedFingerprint: string | undefined,
): StoredToken {
  if (!seed || !seedFingerprint || found.seedFingerprint === seedFingerprint) return found;
  const { generation, spentSeeds = [] } = found;
  return { generation, seedFingerprint, spentSeeds, refreshToken: seed };
}

/** The record with another access token, or with its successor's absence of scopes and skew. */
export function withAccess(
  record: StoredToken,
  { value, tokenType, scopes, lifetime, generation }: ReceivedToken,
  askFingerprint: string,
): StoredToken {
  const { obtainedAtMs, obtainedSkewMs, expiresAtMs } = storedLifetime(lifetime);
  return compact({
    ...record,
    askFingerprint,
    accessToken: value,
    tokenType,
    obtainedAtMs,
    obtainedSkewMs,
    expiresAtMs,
    scopes,
    generation,
  });
}

/** The record without the note of a request whose answer is not known. */
export function withoutNote(record: StoredToken): StoredToken {
  return compact({ ...record, spending: undefined, spendingSinceMs: undefined });
}

/** What a login makes of the record before it: a new family, which the configured seed counts as the beginning of. */
export function loginRecord(
  { generation, seedFingerprint, spentSeeds }: StoredToken,
  { accessToken, tokenType, expiresInMs, scopes, refreshToken, dpopKey, sentAt }: LoginTokens,
  askFingerprint: string,
): StoredToken {
  return compact({
    seedFingerprint,
    spentSeeds,
    askFingerprint,
    refreshToken,
    loggedInAtMs: sentAt.wallMs,
    dpopKey,
    accessToken,
    tokenType,
    // The login may have been in another process, whose monotonic clock says nothing here.
    obtainedAtMs: sentAt.wallMs,
    expiresAtMs: expiresInMs === undefined ? undefined : sentAt.wallMs + expiresInMs,
    scopes,
    generation: generation + 1,
  });
}
