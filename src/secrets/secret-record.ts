import type { Cause } from '../model/cause.ts';
import { compact } from '../model/compact.ts';
import { mapStrings } from '../model/map-strings.ts';
import type { SecretStanding, SecretState, SecretTroubleReason } from '../model/secret-standing.ts';
import type { Reference } from './reference.ts';
import type { Resolution } from './resolution.ts';
import type { SecretTrouble } from './trouble.ts';

/** What one look at a source brought. */
export interface SecretFinding {
  /** The last good value; beside a trouble it is an old one. */
  readonly value?: string;
  readonly trouble?: SecretTrouble;
  /** Wall-clock milliseconds. */
  readonly readAtMs?: number;
  readonly leaseEndsAtMs?: number;
}

/** What is known of one reference: its last good value, and how its source stands. */
export interface SecretRecord {
  readonly reference: Reference;
  /** Says who uses it. */
  use(users: readonly string[]): void;
  /**
   * Takes in what was found. Whether that is news: a trouble that was not there, or another one, or that all is well
   * again.
   */
  take(finding: SecretFinding): boolean;
  /** Counts a try that failed. */
  count(): void;
  resolution(): Resolution;
  /** Without secrets: `mask` takes known ones out of what the source said. */
  standing(mask: (text: string) => string): SecretStanding;
}

export function createSecretRecord(reference: Reference): SecretRecord {
  let users: readonly string[] = [];
  let value: string | undefined;
  let last: SecretFinding = {};
  const failures: Partial<Record<SecretTroubleReason, number>> = {};

  const state = (): SecretState => {
    if (!last.trouble) return 'current';
    return value === undefined ? 'missing' : 'stale';
  };
  return {
    reference,
    use(named) {
      users = named;
    },
    take(finding) {
      const before = last.trouble?.reason;
      value = finding.value ?? value;
      last = finding;
      return before !== finding.trouble?.reason;
    },
    count() {
      if (last.trouble) failures[last.trouble.reason] = (failures[last.trouble.reason] ?? 0) + 1;
    },
    resolution() {
      if (value !== undefined) return { value };
      return { problem: last.trouble ? clause(last.trouble) : 'sonde ended before there was an answer', mayCome: true };
    },
    standing(mask) {
      const { trouble, readAtMs, leaseEndsAtMs } = last;
      const cause = trouble && mapStrings(causeOf(reference, trouble, state()), mask);
      return compact({
        reference: reference.text,
        users,
        state: state(),
        readAtMs,
        leaseEndsAtMs,
        cause,
        failures: { ...failures },
      });
    },
  };
}

function clause({ problem, action }: SecretTrouble): string {
  return `${problem}; ${action}`;
}

function causeOf({ text }: Reference, trouble: SecretTrouble, state: SecretState): Cause<'secret_unavailable'> {
  const detail = `${text} cannot be had: ${clause(trouble)}`;
  return {
    code: 'secret_unavailable',
    detail: state === 'stale' ? `${detail}. The last good value goes on being used` : detail,
    evidence: { reference: text, reason: trouble.reason, ...trouble.evidence },
  };
}
