import type { Audit } from '../../model/audit.ts';
import { sameData } from '../../model/same-data.ts';
import type { Secret } from '../../model/secret.ts';
import type { VaultDefinition } from '../../model/vault.ts';
import type { HttpClient } from '../../net/http.ts';
import type { Budget } from '../../net/limiter.ts';
import type { System } from '../../system/system.ts';
import { isTrouble, type SecretTrouble } from '../trouble.ts';
import type { VaultAnswer } from './vault-answer.ts';
import { createVaultDoor, type VaultRequest } from './vault-door.ts';
import type { VaultName } from './vault-name.ts';
import { createVaultReading, type VaultReading } from './vault-reading.ts';
import { createVaultSession, type VaultSession } from './vault-session.ts';

/** How the secret of a name stands: its last good value, and why it cannot be had now. At least one of them. */
export interface VaultFinding {
  readonly value?: string;
  readonly trouble?: SecretTrouble;
  readonly readAtMs?: number;
  readonly leaseEndsAtMs?: number;
}

/** Who uses what stands at a path. */
export interface PathUse {
  readonly users: readonly string[];
  readonly references: readonly string[];
}

/** A client of one Vault: keeps a token, leases and values, each by its own schedule. */
export interface VaultClient {
  /** Goes on with another way to log in, or other settings, and keeps what it holds. */
  configure(definition: VaultDefinition): void;
  /** Asks for what stands at each path, unless a lease keeps it; resolves when each has had its answer. */
  read(paths: ReadonlyMap<string, PathUse>): Promise<void>;
  find(name: VaultName): VaultFinding;
  /** Forgets all other paths. */
  keepOnly(paths: ReadonlySet<string>): void;
  /** Breaks off what is under way, and reads nothing any more. */
  stop(): void;
  /** Ends; revokes what it was lent when it had to log in itself. */
  revoke(): Promise<void>;
  /** Ends, and leaves what it was lent to run out. */
  close(): void;
}

export interface VaultClientPorts {
  readonly system: System;
  readonly version: string;
  readonly http: HttpClient;
  readonly budget: Budget;
  readonly audit: Audit;
  mask(text: string): string;
  /** Has a token of Vault, or what it was had by, hidden in all that sonde tells. */
  conceal(secret: Secret): void;
  /** Told after each try to read a path. */
  tried(path: string): void;
  warn(sentence: string): void;
}

/** What a token of ours may take to be revoked when sonde ends. */
const revocationTimeoutMs = 2_000;

interface KnownPath {
  use: PathUse;
  readonly reading: VaultReading;
}

export function createVaultClient(first: VaultDefinition, ports: VaultClientPorts): VaultClient {
  const { system, audit, warn } = ports;
  let stopping = new AbortController();
  let definition = first;
  const door = createVaultDoor({ ...ports, stopping: () => stopping.signal, definition: () => definition });
  const known = new Map<string, KnownPath>();
  /** What even a new token may not ask: no reason to log in anew each time. */
  const denied = new Set<string>();

  const openSession = (): VaultSession =>
    createVaultSession(definition.auth, {
      system,
      door,
      audit,
      warn,
      conceal: ports.conceal,
      replaced() {
        for (const { reading } of known.values()) reading.dropLease();
      },
    });
  let session = openSession();

  const ask = async (request: VaultRequest): Promise<VaultAnswer | SecretTrouble> => {
    const token = await session.token();
    if (isTrouble(token)) return token;
    const answer = await door.ask({ ...request, token });
    if (isTrouble(answer) || answer.status !== 403) {
      denied.delete(request.path);
      return answer;
    }
    if (denied.has(request.path) || !session.refused(token)) return answer;
    const fresh = await session.token();
    if (isTrouble(fresh)) return fresh;
    const again = await door.ask({ ...request, token: fresh });
    if (!isTrouble(again) && again.status === 403) denied.add(request.path);
    return again;
  };

  const open = (path: string, use: PathUse): KnownPath => {
    const entry: KnownPath = {
      use,
      reading: createVaultReading(path, {
        system,
        ask,
        warn,
        everyMs: () => definition.everyMs,
        tried: () => ports.tried(path),
        audit: (event, problem) =>
          audit(event, {
            who: entry.use.users,
            references: entry.use.references,
            outcome: problem ? 'failed' : 'done',
            ...(problem && { detail: problem.problem }),
          }),
      }),
    };
    known.set(path, entry);
    return entry;
  };
  const stop = () => {
    for (const { reading } of known.values()) reading.close();
    stopping.abort();
  };
  const close = () => {
    session.close();
    stop();
  };

  return {
    configure(changed) {
      const sameWay = sameData(definition.auth, changed.auth);
      definition = changed;
      if (sameWay) return;
      session.close();
      session = openSession();
      for (const { reading } of known.values()) reading.dropLease();
    },
    async read(paths) {
      session.tryNow();
      denied.clear();
      const entries = [...paths].map(([path, use]) => {
        const entry = known.get(path) ?? open(path, use);
        entry.use = use;
        return entry;
      });
      await Promise.all(entries.map(({ reading }) => reading.refresh()));
    },
    find: ({ path, key }) => findIn(known.get(path)?.reading, path, key),
    keepOnly(paths) {
      for (const [path, { reading }] of known) {
        if (paths.has(path)) continue;
        reading.close();
        known.delete(path);
      }
    },
    stop,
    async revoke() {
      stop();
      stopping = new AbortController();
      const timer = system.clock.after(revocationTimeoutMs, () => stopping.abort());
      await session.revoke();
      timer.cancel();
      close();
    },
    close,
  };
}

/** Keys that a message names: there may be many. */
const mostKeys = 10;

function findIn(reading: VaultReading | undefined, path: string, key: string): VaultFinding {
  const secret = reading?.secret();
  const value = secret?.values.get(key);
  const trouble =
    reading?.trouble() ?? (secret && !value ? keyTrouble(path, key, value, [...secret.values.keys()]) : undefined);
  const readAtMs = reading?.readAtMs();
  const leaseEndsAtMs = reading?.leaseEndsAtMs();
  return {
    ...(value && { value }),
    ...(trouble && { trouble }),
    ...(readAtMs !== undefined && { readAtMs }),
    ...(leaseEndsAtMs !== undefined && { leaseEndsAtMs }),
  };
}

function keyTrouble(path: string, key: string, value: string | undefined, keys: readonly string[]): SecretTrouble {
  const there = keys.slice(0, mostKeys);
  return {
    reason: 'key_absent',
    problem: value === undefined ? `${path} has no key ${key} in Vault` : `the key ${key} of ${path} is empty in Vault`,
    action: there.length > 0 ? `write it, or name a key that is there: ${there.join(', ')}` : 'write it',
    evidence: { path, key, keys: there },
  };
}
