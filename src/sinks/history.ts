import type { CheckIdentity, Result, Sink, TokenResult } from '../model/result.ts';
import { isSameIdentity } from './same-identity.ts';

/**
 * What the pages and the API show, in memory: the last runs of each check and the last run of each token. It holds the
 * checks and tokens that were last named by `sync…`, and forgets all others.
 */
export interface History extends Sink {
  /** `keepRuns` passed runs of each check are kept, and as many that did not pass; those kept beyond it go with the next. */
  configure(settings: { readonly keepRuns: number }): void;
  syncChecks(checks: readonly CheckIdentity[]): void;
  syncTokens(names: readonly string[]): void;
  /** The last run of a check; undefined before its first. */
  last(check: string): Result | undefined;
  /** The last run of a check that asked its target; undefined when none of those kept did. */
  lastAsked(check: string): Result | undefined;
  lastOfToken(token: string): TokenResult | undefined;
  run(runId: string): Result | undefined;
  tokenRun(runId: string): TokenResult | undefined;
}

interface Kept {
  check: CheckIdentity;
  last?: Result;
  lastAsked?: Result;
  readonly passed: Result[];
  /** Kept apart, so that passes do not push out the run that somebody will ask for. */
  readonly troubled: Result[];
}

export function createHistory(): History {
  let keepRuns = 10;
  const checks = new Map<string, Kept>();
  const tokens = new Map<string, TokenResult | undefined>();
  const runs = new Map<string, Result>();

  const push = (ring: Result[], result: Result) => {
    const before = ring.at(-1);
    if (before?.outcome.kind === 'passed') {
      const short = shortened(before);
      ring[ring.length - 1] = short;
      runs.set(short.runId, short);
    }
    ring.push(result);
    runs.set(result.runId, result);
    for (const { runId } of ring.splice(0, ring.length - keepRuns)) runs.delete(runId);
  };
  const forget = (name: string, { passed, troubled }: Kept) => {
    checks.delete(name);
    for (const { runId } of [...passed, ...troubled]) runs.delete(runId);
  };

  return {
    configure(settings) {
      keepRuns = settings.keepRuns;
    },
    record(result) {
      const kept = checks.get(result.check.name);
      if (!kept || !isSameIdentity(kept.check, result.check)) return;
      kept.last = result;
      if (result.outcome.kind !== 'skipped') kept.lastAsked = result;
      push(result.outcome.kind === 'passed' ? kept.passed : kept.troubled, result);
    },
    recordToken(result) {
      if (tokens.has(result.token)) tokens.set(result.token, result);
    },
    syncChecks(identities) {
      const wanted = new Map(identities.map((identity) => [identity.name, identity]));
      for (const [name, kept] of checks) {
        const identity = wanted.get(name);
        if (!identity || !isSameIdentity(kept.check, identity)) forget(name, kept);
      }
      for (const check of identities) {
        const kept = checks.get(check.name);
        if (kept) kept.check = check;
        else checks.set(check.name, { check, passed: [], troubled: [] });
      }
    },
    syncTokens(names) {
      const wanted = new Set(names);
      for (const name of tokens.keys()) if (!wanted.has(name)) tokens.delete(name);
      for (const name of names) if (!tokens.has(name)) tokens.set(name, undefined);
    },
    last: (check) => checks.get(check)?.last,
    lastAsked: (check) => checks.get(check)?.lastAsked,
    lastOfToken: (token) => tokens.get(token),
    run: (runId) => runs.get(runId),
    tokenRun: (runId) => [...tokens.values()].find((result) => result?.runId === runId),
  };
}

/** A passed run that is no longer the last: its certificates and headers are as those of the next, and memory is dear. */
function shortened(result: Result): Result {
  const { tls: _, headers: __, ...facts } = result.facts;
  return { ...result, facts };
}
