import type { Issuer, TokenRun } from '../../auth/issuer.ts';
import type { UsedCodes } from '../../auth/login/login-codes.ts';
import type { LoginEnd } from '../../auth/login/login-end.ts';
import type { TokenDefinition } from '../../model/check.ts';
import { type Clock, sleep } from '../../system/clock.ts';
import type { System } from '../../system/system.ts';
import type { Output } from '../output.ts';
import type { PasteInput } from './pasted-lines.ts';

/** The person's side of a login. */
export interface LoginTerminal {
  readonly output: Output;
  readonly input: PasteInput;
  /** Whether the output is a terminal. */
  readonly terminal: boolean;
  /** False where there is no browser. */
  openBrowser(address: URL): Promise<boolean>;
}

/** One attempt to log in to one token. */
export interface LoginAttempt {
  readonly system: System;
  readonly person: LoginTerminal;
  readonly definition: TokenDefinition;
  readonly issuer: Issuer;
  readonly codes: UsedCodes;
  mask(text: string): string;
  /** `stopping` ends the wait for the person, and no request that is under way: what it brings has to be kept. */
  readonly run: TokenRun;
  /** The person has ended it. */
  stop(): void;
}

/** A way to have a person's consent. */
export type LoginWay = (attempt: LoginAttempt) => Promise<LoginEnd>;

/** Long enough for a person who has to look for a second factor. */
export const longestWaitMs = 600_000;

/** What is awaited of the person, unless it comes too late or the person ends the wait. */
export async function awaitPerson<T extends object>(
  clock: Clock,
  stopping: AbortSignal,
  awaited: Promise<T>,
): Promise<T | 'late' | 'stopped'> {
  const over = new AbortController();
  const limit = sleep(clock, longestWaitMs, AbortSignal.any([stopping, over.signal]));
  try {
    return await Promise.race([awaited, limit.then(() => (stopping.aborted ? 'stopped' : 'late'))]);
  } finally {
    over.abort();
  }
}
