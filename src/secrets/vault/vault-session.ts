import type { Audit } from '../../model/audit.ts';
import type { Secret } from '../../model/secret.ts';
import type { VaultAuth } from '../../model/vault.ts';
import type { Timer } from '../../system/clock.ts';
import { backOffMs } from '../back-off.ts';
import { isTrouble, type SecretTrouble } from '../trouble.ts';
import { type LoginPorts, logIn, renew, type VaultToken } from './vault-login.ts';

/** Keeps a token of Vault: logs in, has it renewed at two thirds of its life, and logs in anew where that is no use. */
export interface VaultSession {
  /** A token to send, or why there is none. Those that ask at once share one log-in. */
  token(): Promise<Secret | SecretTrouble>;
  /** This token was refused. Whether it pays to ask for another: it may have been revoked, unless it is very young. */
  refused(token: Secret): boolean;
  /** Forgets how long to wait after a log-in that failed. */
  tryNow(): void;
  /** Ends it; revokes a token that we logged in for, and with it all leases. */
  revoke(): Promise<void>;
  /** Ends it, and leaves the token to run out. */
  close(): void;
}

export interface SessionPorts extends LoginPorts {
  readonly audit: Audit;
  warn(sentence: string): void;
  /** There is another token than before: leases end with the one that they were had by. */
  replaced(): void;
}

/** A token that is refused within this time of its log-in is no dead one: it lacks a policy. */
const youngMs = 60_000;

/** However short its life is: Vault must not be asked for tokens in a storm. */
const shortestWaitMs = 5_000;

export function createVaultSession(auth: VaultAuth, ports: SessionPorts): VaultSession {
  const { clock, random } = ports.system;
  let held: VaultToken | undefined;
  /** The value of the token that was held last. */
  let last: string | undefined;
  let flight: Promise<Secret | SecretTrouble> | undefined;
  let trouble: SecretTrouble | undefined;
  let retryAtMs = 0;
  let failures = 0;
  let timer: Timer | undefined;
  let closed = false;

  const endsAtMs = ({ sinceMs, lifetimeMs = Number.POSITIVE_INFINITY }: VaultToken) => sinceMs + lifetimeMs;
  const isAlive = (token: VaultToken | undefined) => token !== undefined && clock.monotonicMs() < endsAtMs(token);
  const later = (delayMs: number, act: () => Promise<unknown>) => {
    timer?.cancel();
    if (!closed) timer = clock.after(delayMs, () => void act());
  };
  const note = (event: 'vault_login' | 'vault_token_renewed', problem?: SecretTrouble) =>
    ports.audit(event, {
      who: ['vault'],
      outcome: problem ? 'failed' : 'done',
      detail: problem ? problem.problem : `by ${auth.method}`,
    });

  const warnOfEnd = (token: VaultToken) => {
    const restSeconds = Math.round((endsAtMs(token) - clock.monotonicMs()) / 1000);
    ports.warn(
      `the token of Vault ends in ${restSeconds} s and cannot be renewed: set another one under \`vault.auth\` before`,
    );
  };

  const keep = (token: VaultToken) => {
    held = token;
    const { lifetimeMs, renewable } = token;
    if (lifetimeMs === undefined) return timer?.cancel();
    if (!renewable && auth.method === 'token') return warnOfEnd(token);
    const restMs = endsAtMs(token) - clock.monotonicMs();
    later(Math.max(shortestWaitMs, (restMs * 2) / 3), renewable ? renewHeld : logInAnew);
  };

  const logInNow = async (): Promise<Secret | SecretTrouble> => {
    const found = await logIn(auth, ports);
    const failed = isTrouble(found) ? found : undefined;
    if (auth.method !== 'token' || failed) note('vault_login', failed);
    if (isTrouble(found)) {
      failures += 1;
      trouble = found;
      retryAtMs = clock.monotonicMs() + backOffMs(failures, random, { askedMs: found.retryAfterMs });
      return found;
    }
    failures = 0;
    trouble = undefined;
    keep(found);
    const value = found.value.reveal();
    if (last !== undefined && last !== value) ports.replaced();
    last = value;
    return found.value;
  };
  const logInShared = () => {
    flight ??= logInNow().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  /** While the old one lives: nobody waits for this. */
  const logInAnew = async () => {
    const found = await logInShared();
    if (isTrouble(found)) later(Math.max(0, retryAtMs - clock.monotonicMs()), logInAnew);
  };

  const renewHeld = async () => {
    const token = held as VaultToken;
    const found = await renew(token, ports.door);
    if (closed || held !== token) return;
    note('vault_token_renewed', isTrouble(found) ? found : undefined);
    if (!isTrouble(found)) {
      // Less than it had at first: it nears the longest life that its role allows, so the next one is another token.
      const isLast = (found.lifetimeMs ?? Number.POSITIVE_INFINITY) < 0.95 * (token.lifetimeMs ?? 0);
      failures = 0;
      return keep({ ...found, renewable: found.renewable && !isLast });
    }
    const isDefinite = found.reason === 'login_refused';
    if (isDefinite) return auth.method === 'token' ? warnOfEnd(token) : logInAnew();
    failures += 1;
    const restMs = endsAtMs(token) - clock.monotonicMs();
    if (restMs > 0) later(backOffMs(failures, random, { askedMs: found.retryAfterMs, restMs }), renewHeld);
  };

  const close = () => {
    closed = true;
    timer?.cancel();
  };
  return {
    token() {
      if (held && isAlive(held)) return Promise.resolve(held.value);
      if (trouble && clock.monotonicMs() < retryAtMs) return Promise.resolve(trouble);
      return logInShared();
    },
    refused(token) {
      if (held?.value !== token) return true;
      if (auth.method === 'token' || clock.monotonicMs() - held.sinceMs < youngMs) return false;
      timer?.cancel();
      held = undefined;
      return true;
    },
    tryNow() {
      retryAtMs = 0;
    },
    async revoke() {
      close();
      if (!held || auth.method === 'token' || !isAlive(held)) return;
      const answer = await ports.door.ask({
        method: 'PUT',
        path: 'auth/token/revoke-self',
        token: held.value,
        body: {},
      });
      const isDone = !isTrouble(answer) && answer.status < 300;
      ports.audit('vault_token_revoked', { who: ['vault'], outcome: isDone ? 'done' : 'failed' });
    },
    close,
  };
}
