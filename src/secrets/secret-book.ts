import { Secret } from '../model/secret.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import type { Resolutions, SecretUse } from './resolution.ts';
import { createSecretRecord, type SecretFinding, type SecretRecord } from './secret-record.ts';
import type { TokenMemory } from './token-memory.ts';

/** The records of what one source gives: of all files, or of one Vault. */
export interface SecretBook {
  /** The record of a reference, a new one where there is none, with who uses it now. */
  open(use: SecretUse): SecretRecord;
  find(reference: string): SecretRecord | undefined;
  records(): readonly SecretRecord[];
  /** Takes in what was found: the value is hidden before anyone can use it, and news are told. */
  take(record: SecretRecord, finding: SecretFinding): void;
  /** Tells what is news. */
  tell(): void;
  /** A configuration has been made with these: all others are forgotten. */
  adopt(resolutions: Resolutions): void;
}

export interface SecretBookPorts {
  readonly memory: TokenMemory;
  /** Whether the configuration on disk is one that does not load. */
  waits(): boolean;
  /** Whether what stands here is of the configuration that runs: of another one nothing is told. */
  isShown(): boolean;
  report(standing: SecretStanding): void;
  mask(text: string): string;
}

export function createSecretBook({ memory, waits, isShown, report, mask }: SecretBookPorts): SecretBook {
  const records = new Map<string, SecretRecord>();
  const tellOf = (record: SecretRecord) => {
    if (isShown() && record.isNews()) report(record.standing(mask));
  };
  const tell = () => {
    for (const record of records.values()) tellOf(record);
  };
  return {
    open({ reference, users }) {
      const record = records.get(reference.text) ?? createSecretRecord(reference, waits);
      record.use(users);
      records.set(reference.text, record);
      return record;
    },
    find: (reference) => records.get(reference),
    records: () => [...records.values()],
    take(record, finding) {
      if (finding.value !== undefined) memory.remember(record.reference.text, [new Secret(finding.value)]);
      record.take(finding);
      tellOf(record);
    },
    tell,
    adopt(resolutions) {
      for (const [text, record] of records) {
        const resolution = resolutions.get(text);
        if (resolution) record.adopt(resolution);
        else records.delete(text);
      }
      tell();
    },
  };
}
