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

/** What is known of one reference: what its source gave last, what runs, and how it stands. */
export interface SecretRecord {
  readonly reference: Reference;
  /** Says who uses it. */
  use(users: readonly string[]): void;
  /** Takes in what was found. */
  take(finding: SecretFinding): void;
  /** Counts a try that failed. */
  count(): void;
  /** The configuration that runs has been made with this. */
  adopt(resolution: Resolution): void;
  /** No configuration can be made with what the source gave last: what runs is held on to until it gives another value. */
  reject(trouble: SecretTrouble): void;
  /** What runs, where there is such a thing and the source has given another value since. */
  superseded(): Resolution | undefined;
  /** What the source gave last. */
  found(): Resolution;
  /** The same, or what runs where that was rejected. */
  resolution(): Resolution;
  /** Whether a trouble is there that was not when this was asked last, or another one, or none any more. */
  isNews(): boolean;
  /** Without secrets: `mask` takes known ones out of what the source said. */
  standing(mask: (text: string) => string): SecretStanding;
}

/** A try that failed does not change when the last good value was read. */
const readAt = ({ readAtMs }: SecretFinding) => (readAtMs === undefined ? {} : { readAtMs });

const valueIn = (resolution: Resolution) => ('value' in resolution ? resolution.value : undefined);

/** `waits` says whether the configuration on disk is one that does not load: nothing new can reach its users then. */
export function createSecretRecord(reference: Reference, waits: () => boolean): SecretRecord {
  let users: readonly string[] = [];
  let value: string | undefined;
  let running: Resolution | undefined;
  let rejected: { readonly value: string | undefined; readonly trouble: SecretTrouble } | undefined;
  let last: SecretFinding = {};
  let told: SecretTroubleReason | undefined;
  const failures: Partial<Record<SecretTroubleReason, number>> = {};

  const superseded = () => (running && valueIn(running) !== value ? running : undefined);
  const rejection = () => (rejected?.value === value ? rejected?.trouble : undefined);
  const trouble = () => last.trouble ?? rejection() ?? (waits() && superseded() ? waiting : undefined);
  const found = (): Resolution => {
    if (value !== undefined) return { value };
    return { problem: last.trouble ? clause(last.trouble) : 'sonde ended before there was an answer', mayCome: true };
  };
  const resolution = () => (rejection() && superseded()) ?? found();
  const state = (): SecretState => {
    if (!trouble()) return 'current';
    return valueIn(running ?? found()) === undefined ? 'missing' : 'stale';
  };
  return {
    reference,
    use(named) {
      users = named;
    },
    take(finding) {
      value = finding.value ?? value;
      last = { ...readAt(last), ...finding };
    },
    count() {
      const reason = trouble()?.reason;
      if (reason) failures[reason] = (failures[reason] ?? 0) + 1;
    },
    adopt(adopted) {
      running = adopted;
      if (!superseded()) rejected = undefined;
    },
    reject(found) {
      rejected = { value, trouble: found };
    },
    superseded,
    found,
    resolution,
    isNews() {
      const before = told;
      told = trouble()?.reason;
      return before !== told;
    },
    standing(mask) {
      const now = trouble();
      const { readAtMs, leaseEndsAtMs } = last;
      const cause = now && mapStrings(causeOf(reference, now, state()), mask);
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

const waiting: SecretTrouble = {
  reason: 'not_loaded',
  problem: 'its new value waits for a configuration that loads',
  action: 'mend what the last reload told',
  evidence: {},
};

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
