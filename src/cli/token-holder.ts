import type { LoginTokens, LogoutReport } from '../auth/authorizer.ts';
import { adoptLogin, logoutFromStore } from '../auth/consent.ts';
import type { Issuer, TokenRun } from '../auth/issuer.ts';
import { createUsedCodes, type UsedCodes } from '../auth/login-codes.ts';
import type { Outcome } from '../model/cause.ts';
import type { TokenDefinition } from '../model/check.ts';
import type { TokenObservation, TokenStore } from '../model/token.ts';
import { sleep } from '../system/clock.ts';
import { StateFolderError, takeStateFolder } from '../system/state-folder.ts';
import type { System } from '../system/system.ts';
import { createDaemonLine, type DaemonLine } from './daemon-line.ts';

/**
 * Whoever keeps the tokens of a state folder: the daemon that runs there, or, where none does, this command, by the
 * folder's lock. Its acts throw `TokenStoreError` and `Refused`.
 */
export interface TokenHolder {
  readonly codes: UsedCodes;
  /** Resolves with who has them now, as it stands in a sentence: `the daemon that runs on ./state`. */
  adopt(tokens: LoginTokens): Promise<string>;
  logout(): Promise<LogoutReport>;
}

export interface HolderPorts {
  readonly system: System;
  readonly stateDir: string;
  readonly definition: TokenDefinition;
  /** Who runs the command. */
  readonly user: string;
  readonly issuer: Issuer;
  readonly run: TokenRun;
  judge(seen: TokenObservation): Outcome;
  /** To be called under the folder's lock alone. */
  createStore(): TokenStore;
}

/** A daemon that starts holds its folder before it can be asked, and one that stops after it could. */
const betweenTriesMs = 500;
const mostTries = 20;

/** Finds the holder. What it opens is closed with `open`. Throws `StateFolderError`, `TokenStoreError` and `Refused`. */
export async function openTokenHolder(ports: HolderPorts, open: AsyncDisposableStack): Promise<TokenHolder> {
  for (let tries = 1; ; tries++) {
    const line = await createDaemonLine(ports);
    if (line) return holdByDaemon(ports, line, open);
    try {
      return await holdByLock(ports, open);
    } catch (error) {
      if (!(error instanceof StateFolderError) || tries >= mostTries) throw error;
      await sleep(ports.system.clock, betweenTriesMs);
    }
  }
}

/** A daemon that has gone meanwhile leaves its part to its successor, or to this command. */
function holdByDaemon(ports: HolderPorts, line: DaemonLine, open: AsyncDisposableStack): TokenHolder {
  let next: Promise<TokenHolder> | undefined;
  const successor = () => {
    next ??= openTokenHolder(ports, open);
    return next;
  };
  return {
    codes: {
      // It has said that it is ready, when the line was opened.
      async prepare() {},
      has: async (code) => (await line.codeUsed(code, false)) ?? (await successor()).codes.has(code),
      async use(code) {
        const used = await line.codeUsed(code, true);
        return used === undefined ? (await successor()).codes.use(code) : !used;
      },
    },
    async adopt(tokens) {
      const adopted = await line.adopt(tokens);
      return adopted ? `the daemon that runs on ${ports.stateDir}` : (await successor()).adopt(tokens);
    },
    logout: async () => (await line.logout()) ?? (await successor()).logout(),
  };
}

async function holdByLock(ports: HolderPorts, open: AsyncDisposableStack): Promise<TokenHolder> {
  const { system, stateDir, definition, issuer, judge, run } = ports;
  const folder = await takeStateFolder(system.files, stateDir);
  open.defer(folder.release);
  const store = ports.createStore();
  return {
    codes: createUsedCodes(store, definition.name),
    async adopt(tokens) {
      await adoptLogin(store, definition, tokens);
      return `the store in ${stateDir}, for the next start of sonde on it`;
    },
    logout: () => logoutFromStore({ ...system, judge, store }, issuer, definition, run),
  };
}
