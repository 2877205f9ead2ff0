import type { LoginTokens, LogoutReport } from '../../auth/authorizer.ts';
import { adoptLogin, logoutFromStore } from '../../auth/grants/consent.ts';
import type { Issuer, TokenRun } from '../../auth/issuer.ts';
import { createUsedCodes, type UsedCodes } from '../../auth/login/login-codes.ts';
import type { Outcome } from '../../model/cause.ts';
import type { TokenDefinition } from '../../model/check.ts';
import type { TokenObservation, TokenStore } from '../../model/token.ts';
import type { NoAnswer } from '../../net/control-socket.ts';
import { sleep } from '../../system/clock.ts';
import { StateFolderError, takeStateFolder } from '../../system/state-folder.ts';
import type { System } from '../../system/system.ts';
import { exitCode } from '../exit-code.ts';
import { Refused } from '../refused.ts';
import { createDaemonLine } from './daemon-line.ts';

/**
 * Whoever keeps the tokens of a state folder: the daemon that runs there, or, where none does, this command, by the
 * folder's lock. A login waits long for its person, and daemons come and go meanwhile, so each act finds the holder anew,
 * and holds no lock beyond itself. Its acts throw `StateFolderError`, `TokenStoreError` and `Refused`.
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
  /** Gets a sentence for the person. */
  tell(sentence: string): void;
}

export function createTokenHolder(ports: HolderPorts): TokenHolder {
  const { system, stateDir, definition, issuer, judge, run } = ports;
  const line = createDaemonLine(ports);
  const codesOf = (store: TokenStore) => createUsedCodes(store, definition.name);
  return {
    codes: {
      async prepare() {
        const byStore = async (store: TokenStore) => ({ done: await codesOf(store).prepare() });
        await actByHolder<object>(ports, line.prepare, byStore);
      },
      async has(code) {
        const byStore = async (store: TokenStore) => ({ used: await codesOf(store).has(code) });
        return (await actByHolder(ports, () => line.codeUsed(code, false), byStore)).used;
      },
      async use(code) {
        let mayBeNoted = false;
        const byDaemon = async () => {
          const answer = await line.codeUsed(code, true);
          if (answer === 'hung up') mayBeNoted = true;
          return answer;
        };
        const byStore = async (store: TokenStore) => ({ used: !(await codesOf(store).use(code)) });
        const { used } = await actByHolder(ports, byDaemon, byStore);
        // A note that was made for this very request says nothing against it.
        return mayBeNoted || !used;
      },
    },
    async adopt(tokens) {
      const byDaemon = async () => {
        const answer = await line.adopt(tokens);
        return typeof answer === 'string' ? answer : { keeper: `the daemon that runs on ${stateDir}` };
      };
      const byStore = async (store: TokenStore) => {
        const told = await adoptLogin(store, definition, tokens);
        if (told !== undefined) ports.tell(told);
        return { keeper: `the store in ${stateDir}, for the next start of sonde on it` };
      };
      return (await actByHolder(ports, byDaemon, byStore, patientTries)).keeper;
    },
    logout: () =>
      actByHolder(ports, line.logout, (store) => logoutFromStore({ ...system, judge, store }, issuer, definition, run)),
  };
}

/** A daemon that starts holds its folder before it can be asked, and one that stops after it could. */
const betweenTriesMs = 500;
const mostTries = 20;
/** A minute: what is handed over then cannot be had again without the person. */
const patientTries = 120;
/** A daemon that dies once is succeeded by a sound one; one that does each time is broken. */
const mostHangUps = 3;

async function actByHolder<T extends object>(
  { system, stateDir, createStore, tell }: HolderPorts,
  byDaemon: () => Promise<T | NoAnswer>,
  byStore: (store: TokenStore) => Promise<T>,
  tries = mostTries,
): Promise<T> {
  let hangUps = 0;
  for (let left = tries; ; left--) {
    const answer = await byDaemon();
    if (typeof answer === 'object') return answer;
    if (answer === 'hung up') {
      hangUps += 1;
      if (hangUps === mostHangUps)
        throw new Refused(`The daemon that runs on ${stateDir} hangs up each time it is asked.`, exitCode.ownFailure);
      tell(`The daemon that runs on ${stateDir} hung up before it had answered. Trying again.`);
    }
    try {
      return await underLock(system, stateDir, () => byStore(createStore()));
    } catch (error) {
      if (!(error instanceof StateFolderError) || left <= 1) throw error;
      if (left === patientTries)
        tell(`Another sonde holds the state folder ${stateDir}: waiting for it, for a minute at most.`);
      await sleep(system.clock, betweenTriesMs);
    }
  }
}

async function underLock<T>({ files }: System, stateDir: string, act: () => Promise<T>): Promise<T> {
  const folder = await takeStateFolder(files, stateDir);
  try {
    return await act();
  } finally {
    folder.release();
  }
}
