import type { TokenSource } from './auth/authorizer.ts';
import { createSucceedingSource } from './auth/source/succeeding-source.ts';
import { createTokenSource } from './auth/token-source.ts';
import type { Configuration } from './config/configuration.ts';
import type { Problem } from './config/problem.ts';
import { diagnoseTokenRun } from './diagnosis/diagnose-token-run.ts';
import type { SigningClock } from './diagnosis/signing-clock.ts';
import type { Doors } from './doors.ts';
import { type BoundCheck, bindCheck } from './engine/bind-check.ts';
import type { Check } from './engine/check.ts';
import type { RunPorts } from './engine/run-check.ts';
import type { TokenDefinition } from './model/check.ts';
import type { ClockDefinition } from './model/clock.ts';
import { compact } from './model/compact.ts';
import { mapStrings } from './model/map-strings.ts';
import type { TokenResult } from './model/result.ts';
import { sameData } from './model/same-data.ts';
import type { Secret } from './model/secret.ts';
import type { SkewView, TokenStore } from './model/token.ts';
import { createDatagramClient, type DatagramClient } from './net/datagram.ts';
import { type DateWatcher, watchDates } from './net/date-watch.ts';
import type { Limiter } from './net/limiter.ts';
import { ownHeaders } from './net/own-headers.ts';
import { ProbeSpecError } from './probes/probe.ts';
import { createTokenMemory } from './secrets/token-memory.ts';
import { createSlices } from './system/slices.ts';
import type { System } from './system/system.ts';

export interface AssemblyPorts {
  readonly system: System;
  readonly version: string;
  /** Its owner closes them, after the assembly. */
  readonly doors: Doors;
  readonly store: TokenStore;
  /** Gets every finished token run, masked. */
  reportToken(result: TokenResult): void;
  /** Gets a sentence for the person on call. */
  warn(sentence: string): void;
  /** Gets a sentence when a token is not asked for again until somebody acts. */
  tellRest?(sentence: string): void;
  /** How far this host's clock is off now; undefined while that is not known. */
  skew(): SkewView | undefined;
  /** Hears what the answers of issuers and targets say of their clocks. */
  readonly sawDate?: DateWatcher;
  /** Gives a token that another process keeps fresh; undefined where there is none to lend it. */
  borrow?(definition: TokenDefinition): TokenSource | undefined;
}

/** A configuration whose probes are bound, ready to be taken over. */
export interface Prepared {
  /** Takes it over: budgets keep their level, tokens that did not change go on. Returns its checks. */
  commit(): readonly Check[];
}

/** The rooms wired together, as far as the daemon and a single run need the same. */
export interface Assembly {
  readonly limiter: Limiter;
  readonly datagrams: DatagramClient;
  readonly runPorts: Omit<RunPorts, 'stopping'>;
  /** Binds all checks; changes nothing yet. The problems of what cannot be bound otherwise. */
  prepare(configuration: Configuration, secrets: readonly Secret[]): Promise<Prepared | readonly Problem[]>;
  tokens(): readonly HeldSource[];
  /** Ends the token sources for good, and cuts off what is still under way after `graceMs`, if that is given. */
  stopTokens(graceMs?: number): Promise<void>;
  /** Ends the token sources. */
  close(): Promise<void>;
}

/** A token source with what it was made from. */
export interface HeldSource {
  readonly definition: TokenDefinition;
  readonly source: TokenSource;
}

export function createAssembly(ports: AssemblyPorts): Assembly {
  const { system, version, warn, sawDate } = ports;
  const { limiter, resolver, masker } = ports.doors;
  const http = sawDate
    ? watchDates(ports.doors.http, system.clock, (origin, sighting) => sawDate(masker.mask(origin), sighting))
    : ports.doors.http;
  const datagrams = createDatagramClient(system, resolver);
  const tokenMemory = createTokenMemory(masker);
  const store = tokenMemory.watch(ports.store);
  let held = new Map<string, HeldSource>();
  let knownSecrets: readonly Secret[] = [];
  let settings: Pick<ClockDefinition, 'toleranceMs' | 'correctAssertions'> = {
    toleranceMs: 0,
    correctAssertions: false,
  };
  let uncertaintyShare = 1;
  /** The checks that run, by their names. */
  let known = new Map<string, Check>();

  const signingClock = (): SigningClock => {
    const skew = ports.skew();
    const { toleranceMs, correctAssertions } = settings;
    return compact({ skew, toleranceMs, isCorrected: correctAssertions && skew !== undefined });
  };

  const createSource = (definition: TokenDefinition): TokenSource => {
    const borrowed = ports.borrow?.(definition);
    tokenMemory.remember(definition.name, [borrowed?.current()?.value]);
    if (borrowed) return borrowed;
    const source = createTokenSource(
      {
        system,
        http,
        budget: limiter.budget(definition.budget),
        store,
        mask: masker.mask,
        judge: (seen) => diagnoseTokenRun(seen, { token: definition.name, clock: signingClock() }),
        skew: ports.skew,
        correctsAssertions: () => settings.correctAssertions,
        report(result) {
          tokenMemory.remember(definition.name, [source.current()?.value]);
          ports.reportToken(mapStrings(result, masker.mask));
        },
        warn: (sentence) => warn(masker.mask(sentence)),
        tellRest: (sentence) => ports.tellRest?.(masker.mask(sentence)),
        ownHeaders: (runId) => ownHeaders(runId, { random: system.random, version, traced: true }),
      },
      definition,
    );
    return source;
  };

  /** By the name of the token: settled when all its sources of the past have stored what they had under way. */
  const endings = new Map<string, Promise<unknown>>();
  /** Sources that have been told to end and have something under way still. */
  const leaving = new Set<HeldSource>();
  let stopped = false;
  const end = (open: HeldSource, graceMs?: number) => {
    leaving.add(open);
    const ended = open.source.stop(graceMs).then(() => leaving.delete(open));
    endings.set(open.definition.name, Promise.all([endings.get(open.definition.name), ended]));
  };
  const begin = ({ definition, source }: HeldSource) => {
    // A refresh that is under way may rotate the family: the new source must read what it leaves in the store.
    if (!stopped) void Promise.resolve(endings.get(definition.name)).then(source.start);
  };
  const stopTokens = async (graceMs?: number) => {
    stopped = true;
    for (const open of [...leaving, ...held.values()]) end(open, graceMs);
    await Promise.all(endings.values());
  };

  const takeOverTokens = (definitions: readonly TokenDefinition[]) => {
    const before = held;
    const fresh: HeldSource[] = [];
    held = new Map();
    for (const definition of definitions) {
      const known = before.get(definition.name);
      if (known && isKept(known, definition)) {
        before.delete(definition.name);
        held.set(definition.name, known);
      } else {
        const source = createSucceedingSource(createSource(definition), definition, known);
        const made = { definition, source };
        held.set(definition.name, made);
        fresh.push(made);
      }
    }
    for (const gone of before.values()) end(gone);
    for (const made of fresh) begin(made);
  };

  const takeOverSecrets = (secrets: readonly Secret[]) => {
    for (const secret of secrets) masker.add(secret);
    for (const secret of knownSecrets) masker.remove(secret);
    knownSecrets = secrets;
  };

  const attach = (bound: BoundCheck): Check => {
    const { budget, token } = bound.definition;
    const source = token === undefined ? undefined : held.get(token)?.source;
    return { ...bound, budget: limiter.budget(budget), ...(source && { token: source }) };
  };

  return {
    limiter,
    datagrams,
    runPorts: { system, version, mask: masker.mask, signingClock, uncertaintyShare: () => uncertaintyShare },
    async prepare(configuration, secrets) {
      const bound: BoundCheck[] = [];
      const problems: Problem[] = [];
      const slices = createSlices(system.clock);
      for (const definition of configuration.checks) {
        await slices.step();
        try {
          const check = await bindCheck(definition, { system, http, datagrams });
          bound.push(withKept(check, known.get(definition.name)));
        } catch (error) {
          if (!(error instanceof ProbeSpecError)) throw error;
          const where = ['checks', definition.name, definition.kind, ...error.path].join('.');
          problems.push({ ...definition.placeOf(error.path), message: `${where}: ${error.message}` });
        }
      }
      if (problems.length > 0) return problems;
      return {
        commit() {
          settings = configuration.clock;
          uncertaintyShare = configuration.uncertaintyShare;
          takeOverSecrets(secrets);
          limiter.configure(configuration.budgets);
          takeOverTokens(configuration.tokens);
          const checks = bound.map(attach);
          known = new Map(checks.map((check) => [check.definition.name, check]));
          return checks;
        },
      };
    },
    tokens: () => [...held.values()],
    stopTokens,
    close: stopTokens,
  };
}

/**
 * A check with the very data of the one that runs, as far as they are equal: who compares them while a configuration is
 * taken over, with all checks in one go, has little to do then.
 */
function withKept(check: BoundCheck, running: BoundCheck | undefined): BoundCheck {
  if (!running) return check;
  const kept = <T>(before: T, now: T): T => (sameData(before, now) ? before : now);
  const schedule = kept(running.definition.schedule, check.definition.schedule);
  return {
    ...check,
    definition: { ...check.definition, schedule },
    identity: kept(running.identity, check.identity),
  };
}

/** A source goes on over a reload when nothing about it changed; one whose last run failed is made anew and asks again. */
function isKept({ definition, source }: HeldSource, changed: TokenDefinition): boolean {
  const { place: _, ...before } = definition;
  const { place: __, ...after } = changed;
  const { lastRun } = source.view();
  return sameData(before, after) && (lastRun === undefined || lastRun.kind === 'passed');
}
