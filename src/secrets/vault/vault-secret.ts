import { z } from 'zod';
import type { SecretTrouble } from '../trouble.ts';
import { seconds, type VaultAnswer } from './vault-answer.ts';
import type { Location } from './vault-mounts.ts';
import { answerTrouble } from './vault-trouble.ts';

/** What Vault lends for a time. */
export interface VaultLease {
  readonly id: string;
  readonly durationMs: number;
  readonly renewable: boolean;
}

/** What stands at one path of Vault. */
export interface VaultSecret {
  /** As text, by key. */
  readonly values: ReadonlyMap<string, string>;
  readonly lease?: VaultLease;
}

const record = z.record(z.string(), z.unknown());

const plainSchema = z.object({
  lease_id: z.string().default(''),
  lease_duration: seconds.default(0),
  renewable: z.boolean().default(false),
  data: record,
});

const versionedSchema = z.object({ data: z.object({ data: record, metadata: record }) });

const renewalSchema = z.object({
  lease_id: z.string(),
  lease_duration: seconds,
  renewable: z.boolean().default(false),
});

/**
 * Text without its one trailing line break, as of a file; numbers and truth values as they stand in the answer, and so
 * mappings and lists: a JWK is often stored as one.
 */
function textsOf(data: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const entries = Object.entries(data).filter(([, value]) => value !== null);
  return new Map(
    entries.map(([key, value]) => [
      key,
      typeof value === 'string' ? value.replace(/\r?\n$/, '') : JSON.stringify(value),
    ]),
  );
}

/** What an answer to a read holds; why it holds nothing otherwise. */
export function readSecret(answer: VaultAnswer, path: string, { versioned }: Location): VaultSecret | SecretTrouble {
  if (answer.status === 200) {
    const found = versioned ? readVersioned(answer.json) : readPlain(answer.json);
    if (found) return found;
  }
  return readTrouble(answer, path);
}

function readVersioned(json: unknown): VaultSecret | undefined {
  const { success, data } = versionedSchema.safeParse(json);
  return success ? { values: textsOf(data.data.data) } : undefined;
}

function readPlain(json: unknown): VaultSecret | undefined {
  const { success, data } = plainSchema.safeParse(json);
  if (!success) return undefined;
  const { lease_id: id, lease_duration: duration, renewable } = data;
  const values = textsOf(data.data);
  // Version 1 of the key-value engine tells a duration without a lease: a hint that nobody has to keep to.
  return id === '' || duration === 0 ? { values } : { values, lease: { id, durationMs: duration * 1000, renewable } };
}

/** Why a path could not be read. */
export function readTrouble(answer: VaultAnswer, path: string): SecretTrouble {
  return answerTrouble(
    answer,
    (status) => {
      if (status === 403)
        return [
          'denied',
          `Vault denies access to ${path}`,
          'let a policy of its token read the path (of version 2: with `data/` behind the mount), or set a token that lives',
        ];
      if (status === 404)
        return ['path_absent', `there is nothing at ${path} in Vault`, absenceAction(answer.json, path)];
      return undefined;
    },
    { path },
  );
}

function absenceAction(json: unknown, path: string): string {
  // Version 2 answers 404 with the metadata of a version that was deleted.
  if (versionedAbsence.safeParse(json).success) return 'its newest version was deleted: restore it, or write another';
  if (/^[^/]+\/data\//.test(path)) return 'leave `data/` out of the reference, or write the secret';
  return 'write the secret, or correct the path in the reference';
}

const versionedAbsence = z.object({ data: z.object({ data: z.null(), metadata: record }) });

/** The lease after a renewal; undefined when the answer is none. */
export function readRenewal({ status, json }: VaultAnswer): VaultLease | undefined {
  const { success, data } = renewalSchema.safeParse(json);
  if (status !== 200 || !success) return undefined;
  return { id: data.lease_id, durationMs: data.lease_duration * 1000, renewable: data.renewable };
}
