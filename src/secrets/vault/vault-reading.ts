import type { AuditEvent } from '../../model/audit.ts';
import type { Timer } from '../../system/clock.ts';
import type { System } from '../../system/system.ts';
import { backOffMs } from '../back-off.ts';
import { isTrouble, type SecretTrouble } from '../trouble.ts';
import type { VaultAnswer } from './vault-answer.ts';
import type { VaultRequest } from './vault-door.ts';
import { type Location, locate } from './vault-mounts.ts';
import { readRenewal, readSecret, readTrouble, type VaultLease, type VaultSecret } from './vault-secret.ts';

/** Keeps what one path of Vault holds: read once for all its keys, renewed or read again by its own schedule. */
export interface VaultReading {
  /** Asks now, unless a lease that lives and goes well keeps what is held. Those that ask at once share one request. */
  refresh(): Promise<void>;
  /** The token has changed that its lease hangs on: it will end, and has to be had anew. */
  dropLease(): void;
  /** What was had last, however long ago; undefined when nothing ever was. */
  secret(): VaultSecret | undefined;
  /** Why the last try brought nothing; undefined when it went well. */
  trouble(): SecretTrouble | undefined;
  /** When it was last had, and when its lease ends, in wall-clock milliseconds. */
  readAtMs(): number | undefined;
  leaseEndsAtMs(): number | undefined;
  close(): void;
}

export interface ReadingPorts {
  readonly system: System;
  /** With a token. */
  ask(request: VaultRequest): Promise<VaultAnswer | SecretTrouble>;
  /** How often to read again what has no lease. */
  everyMs(): number;
  /** Told after each try. */
  tried(): void;
  readonly audit: (event: AuditEvent, problem: SecretTrouble | undefined) => void;
  warn(sentence: string): void;
}

/** However short a lease is: what it lends must not be asked for in a storm. */
const shortestWaitMs = 5_000;

interface HeldLease extends VaultLease {
  /** What it had at first: a renewal that brings less has come to the longest life of the lease. */
  readonly wholeMs: number;
  /** Monotonic milliseconds. */
  readonly endsAtMs: number;
}

export function createVaultReading(path: string, ports: ReadingPorts): VaultReading {
  const { clock, random } = ports.system;
  let location: Location | undefined;
  let hasGuessed = false;
  let secret: VaultSecret | undefined;
  let lease: HeldLease | undefined;
  let trouble: SecretTrouble | undefined;
  let readAtMs: number | undefined;
  let failures = 0;
  let flight: Promise<void> | undefined;
  let timer: Timer | undefined;
  let closed = false;

  const lives = (held: HeldLease | undefined) => held !== undefined && clock.monotonicMs() < held.endsAtMs;

  /** What Vault has at the path, wherever that is. */
  const read = async (): Promise<{ found: VaultSecret; sentMs: number } | SecretTrouble> => {
    const places = location ? [location] : await locate(path, ports.ask);
    if (isTrouble(places)) return places;
    let last: SecretTrouble | undefined;
    for (const place of places) {
      const answer = await ports.ask({ method: 'GET', path: place.apiPath });
      if (isTrouble(answer)) return answer;
      const found = readSecret(answer, path, place);
      if (!isTrouble(found)) {
        if (places.length > 1 && !hasGuessed) tellGuess(place);
        location = place;
        return { found, sentMs: answer.sentMs };
      }
      // Of two guesses the one that was let in says more.
      last = last?.reason === 'path_absent' ? last : found;
      if (found.reason !== 'denied' && found.reason !== 'path_absent') return found;
    }
    location = undefined;
    return last as SecretTrouble;
  };
  const tellGuess = ({ versioned }: Location) => {
    hasGuessed = true;
    ports.warn(
      `Vault does not tell how ${path} is stored (its token may not ask for the mount); it was read as ${versioned ? 'version 2' : 'it stands'}`,
    );
  };

  const readAnew = async () => {
    const found = await read();
    if (closed) return;
    ports.audit('vault_read', isTrouble(found) ? found : undefined);
    if (isTrouble(found)) return fail(found);
    const { lease: had } = found.found;
    secret = found.found;
    lease = had && { ...had, wholeMs: had.durationMs, endsAtMs: found.sentMs + had.durationMs };
    succeed();
  };
  const renew = async (held: HeldLease) => {
    const body = { lease_id: held.id, increment: Math.round(held.wholeMs / 1000) };
    const answer = await ports.ask({ method: 'PUT', path: 'sys/leases/renew', body });
    if (closed) return;
    if (isTrouble(answer)) return failRenewal(answer);
    const renewed = readRenewal(answer);
    if (!renewed) {
      // It was revoked, or may not be renewed: only another one helps.
      return [400, 403, 404].includes(answer.status) ? readAnew() : failRenewal(readTrouble(answer, path));
    }
    ports.audit('vault_lease_renewed', undefined);
    const isLast = renewed.durationMs < 0.95 * held.wholeMs;
    const endsAtMs = answer.sentMs + renewed.durationMs;
    lease = { ...renewed, renewable: renewed.renewable && !isLast, wholeMs: held.wholeMs, endsAtMs };
    succeed();
  };
  const failRenewal = (found: SecretTrouble) => {
    ports.audit('vault_lease_renewed', found);
    fail(found);
  };

  const succeed = () => {
    failures = 0;
    trouble = undefined;
    readAtMs = clock.wallMs();
    // Of what is left of the lease, so that a third of it remains for a Vault that is away for a while.
    later(lease ? Math.max(shortestWaitMs, ((lease.endsAtMs - clock.monotonicMs()) * 2) / 3) : ports.everyMs());
  };
  const fail = (found: SecretTrouble) => {
    failures += 1;
    trouble = found;
    const restMs = lives(lease) ? (lease as HeldLease).endsAtMs - clock.monotonicMs() : Number.POSITIVE_INFINITY;
    later(backOffMs(failures, random, { askedMs: found.retryAfterMs, restMs }));
  };
  const later = (delayMs: number) => {
    timer?.cancel();
    timer = clock.after(delayMs, () => void turn());
  };

  const turn = () => {
    flight ??= once().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  const once = async () => {
    timer?.cancel();
    if (lease?.renewable && lives(lease)) await renew(lease);
    else await readAnew();
    if (!closed) ports.tried();
  };

  return {
    async refresh() {
      if (!(lives(lease) && !trouble)) await turn();
    },
    dropLease() {
      if (!lease) return;
      lease = { ...lease, renewable: false, endsAtMs: clock.monotonicMs() };
      later(0);
    },
    secret: () => secret,
    trouble: () => trouble,
    readAtMs: () => readAtMs,
    leaseEndsAtMs: () => lease && clock.wallMs() + lease.endsAtMs - clock.monotonicMs(),
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
