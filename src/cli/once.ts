import { type Assembly, createAssembly } from '../assembly.ts';
import { takesLogin } from '../auth/login/login-identity.ts';
import { createTokenFileStore } from '../auth/store/token-file-store.ts';
import { createTokenMemoryStore } from '../auth/store/token-memory-store.ts';
import type { Configuration } from '../config/configuration.ts';
import { type LoadedConfiguration, loadConfiguration } from '../config/load.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import type { Doors } from '../doors.ts';
import { unknownState } from '../engine/check-state.ts';
import { runCheck } from '../engine/run-check.ts';
import { compact } from '../model/compact.ts';
import { suggest } from '../model/nearest.ts';
import type { Result } from '../model/result.ts';
import type { SecretSources } from '../secrets/resolution.ts';
import { StateFolderError, socketPathOf, takeStateFolder } from '../system/state-folder.ts';
import type { System } from '../system/system.ts';
import { version } from '../version.ts';
import { runJson } from '../web/api.ts';
import { borrowSkew } from './borrowed-skew.ts';
import { borrowTokens } from './borrowed-source.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { junitReport } from './junit.ts';
import { beyondLentBounds } from './lent-bounds.ts';
import { openMeans } from './means.ts';
import { onceTable } from './once-table.ts';
import type { Output } from './output.ts';
import { Refused } from './refused.ts';
import type { Signals } from './signals.ts';
import { isWebAddress, withAddresses } from './web-addresses.ts';

export interface OnceOptions {
  /** Runs this check alone. */
  readonly check?: string;
  readonly json?: boolean;
  /** A file for the JUnit report. */
  readonly junit?: string;
  readonly stateDir?: string;
  readonly env?: string;
  readonly colour: boolean;
}

/** `sonde once`: runs each check one time and tells what came of it. A bare URL needs no file. */
export async function once(
  system: System,
  output: Output,
  signals: Signals,
  targets: readonly string[],
  options: OnceOptions,
): Promise<ExitCode> {
  const results = await runAll(system, output, signals, targets, options);
  output.out(options.json ? `${JSON.stringify(results.map(runJson), undefined, 2)}\n` : onceTable(results, options));
  if (options.junit !== undefined) await writeReport(system, options.junit, results);
  return results.every(({ outcome }) => outcome.kind === 'passed') ? exitCode.well : exitCode.checkFailed;
}

async function runAll(
  system: System,
  output: Output,
  signals: Signals,
  targets: readonly string[],
  { env, check, stateDir }: OnceOptions,
): Promise<readonly Result[]> {
  await using open = new AsyncDisposableStack();
  const means = openMeans(system, open);
  const loaded = await load(system, means.secrets, targets, env);
  const configuration = onlyCheck(loaded.configuration, check);
  return await runChecks(system, output, signals, { ...loaded, configuration, doors: means.doors }, stateDir);
}

async function load(
  system: System,
  secrets: SecretSources,
  targets: readonly string[],
  env: string | undefined,
): Promise<LoadedConfiguration> {
  const addresses = targets.filter(isWebAddress);
  const refused = (sentence: string) => new Refused(sentence, exitCode.wrongInput);
  if (addresses.length > 0 && addresses.length < targets.length)
    throw refused('`sonde once` takes files and folders, or addresses, but not both at a time.');
  if (addresses.length > 0 && env !== undefined)
    throw refused('An address has no environments: --env goes with files.');
  const wrong = addresses.find((address) => !URL.canParse(address));
  if (wrong !== undefined)
    throw refused(`${wrong} is no address; expected one such as https://api.example.com/health.`);
  const loaded =
    addresses.length > 0
      ? await loadConfiguration(withAddresses(system, addresses), ['addresses.yaml'], { unresolved: 'error' })
      : await loadConfiguration(system, targets, compact({ environment: env, unresolved: 'error' as const, secrets }));
  if (!loaded.ok) throw refusal(loaded.problems);
  return loaded;
}

function refusal(problems: readonly Problem[]): Refused {
  return new Refused(problems.map(formatProblem).join('\n'), exitCode.wrongInput);
}

/** The part of the configuration that runs: one check, or all, and the tokens that they use. */
function onlyCheck(configuration: Configuration, name: string | undefined): Configuration {
  const checks = configuration.checks.filter((check) => name === undefined || check.name === name);
  if (name !== undefined && checks.length === 0) {
    const known = configuration.checks.map((check) => check.name);
    throw new Refused(`There is no check "${name}"; ${suggest(name, known)}`, exitCode.wrongInput);
  }
  const used = new Set(checks.map(({ token }) => token));
  return { ...configuration, checks, tokens: configuration.tokens.filter((token) => used.has(token.name)) };
}

async function runChecks(
  system: System,
  output: Output,
  signals: Signals,
  { configuration, secrets, doors }: LoadedConfiguration & { readonly doors: Doors },
  stateDir = configuration.stateDir,
): Promise<readonly Result[]> {
  await using open = new AsyncDisposableStack();
  const assembly = await assemble(system, output, { ...configuration, doors }, stateDir, open);
  const prepared = await assembly.prepare(configuration, secrets);
  if (!('commit' in prepared)) throw refusal(prepared);
  const checks = prepared.commit();

  const stopping = new AbortController();
  signals.onStop(() => {
    stopping.abort();
    void assembly.stopTokens(0);
  });
  await Promise.all(assembly.tokens().map(({ source }) => source.firstRun));
  const dueMs = system.clock.monotonicMs();
  const state = unknownState(system.clock.wallMs());
  const ports = { ...assembly.runPorts, stopping: stopping.signal };
  return Promise.all(
    checks.map((check) =>
      runCheck(check, { dueMs, awaitedMs: dueMs, nextDueMs: dueMs + check.identity.intervalMs }, state, ports),
    ),
  );
}

/**
 * Tokens come from the daemon that runs on the same state folder, if one does. Otherwise they are fetched here, and a
 * family of refresh tokens under the folder's lock: it must never have two owners.
 */
async function assemble(
  system: System,
  output: Output,
  { checks, tokens, clock, stateEncryption, doors }: Configuration & { readonly doors: Doors },
  stateDir: string,
  open: AsyncDisposableStack,
): Promise<Assembly> {
  const issued = tokens.filter(({ grant }) => grant !== 'static');
  try {
    const known = await borrowSkew(socketPathOf(stateDir));
    const skew = () => known;
    const signing = { system, skew, correctsAssertions: () => clock.correctAssertions };
    const borrowed = await borrowTokens(signing, stateDir, issued);
    const beyond = borrowed ? beyondLentBounds(checks, borrowed) : [];
    if (beyond.length > 0) throw new Refused(beyond.join('\n'), exitCode.wrongInput);
    const rotates = !borrowed && issued.some(takesLogin);
    if (rotates) open.defer((await takeStateFolder(system.files, stateDir)).release);
    const assembly = createAssembly({
      system,
      version,
      doors,
      store: rotates ? createTokenFileStore(system, stateDir, stateEncryption) : createTokenMemoryStore(system.random),
      reportToken() {},
      warn: (sentence) => output.err(`${sentence}\n`),
      skew,
      borrow: ({ name }) => borrowed?.get(name)?.source,
    });
    open.defer(assembly.close);
    return assembly;
  } catch (error) {
    if (error instanceof StateFolderError) throw new Refused(error.message, exitCode.ownFailure);
    throw error;
  }
}

async function writeReport(system: System, path: string, results: readonly Result[]): Promise<void> {
  await system.files.replace(path, junitReport(results), 0o644).catch((error: NodeJS.ErrnoException) => {
    throw new Refused(`The report cannot be written to ${path} (${error.code}).`, exitCode.ownFailure);
  });
}
