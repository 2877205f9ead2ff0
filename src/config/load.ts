import type { Secret } from '../model/secret.ts';
import type { VaultDefinition } from '../model/vault.ts';
import { probeKinds } from '../probes/index.ts';
import { createLocalSources } from '../secrets/local-sources.ts';
import type { Resolution, SecretSources } from '../secrets/resolution.ts';
import { createSlices } from '../system/slices.ts';
import type { System } from '../system/system.ts';
import { buildConfiguration } from './build.ts';
import type { Configuration } from './configuration.ts';
import { readContent } from './content.ts';
import { watchOrigin } from './digest.ts';
import type { Effective } from './effective.ts';
import { applyEnvironment, checkSections, readEnvironments, sections } from './environment.ts';
import { findCredentials } from './find-credentials.ts';
import { allowPlain, refusePlain, type SecretContext } from './plaintext.ts';
import { formatPlace, type Problem, type Report, sortProblems } from './problem.ts';
import { createReferences, type FoundReference, referencesIn, refuseReferencesInKeys } from './references.ts';
import { plaintextSchema } from './sections.ts';
import { readSettings } from './settings.ts';
import { readSources } from './sources.ts';
import { expandKeyFiles } from './tokens/key-files.ts';
import { readVault } from './vault.ts';
import { type ParseFile, parseAtStart } from './yaml/parse-sources.ts';
import { type MapTree, pick } from './yaml/tree.ts';

export interface LoadOptions {
  /** The environment to lay over. */
  readonly environment?: string;
  /** Whether a reference without a value is an error, as for a daemon, or a warning, as for a check without secrets. */
  readonly unresolved: 'error' | 'warning';
  /** Where the values of references come from. Without it: variables and files, and nobody on the network is asked. */
  readonly secrets?: SecretSources;
  /** How files are parsed; `parseAtStart` without it. */
  readonly parse?: ParseFile;
}

interface Loaded {
  /** The names of all environments, whichever was laid over. */
  readonly environments: readonly string[];
  /** Reads files and references again, and says whether anything has changed since. Never throws. */
  hasChanged(): Promise<boolean>;
}

export interface LoadedConfiguration extends Loaded {
  readonly ok: true;
  readonly configuration: Configuration;
  /** What it was made of. */
  readonly effective: Effective;
  /** References without a value, when those are warnings: `configuration` is then for looking at, not for running. */
  readonly warnings: readonly Problem[];
  /** Secrets in plain text, where that is allowed. */
  readonly notes: readonly Problem[];
  /** All secrets that the configuration holds, for masking. */
  readonly secrets: readonly Secret[];
  /** The references whose values it holds, or waits for. */
  readonly references: readonly string[];
}

export interface RefusedConfiguration extends Loaded {
  readonly ok: false;
  /** All that is wrong, in the order of the files; at least one. */
  readonly problems: readonly Problem[];
}

/** What is wrong with a reference in the place of a secret: what stands there is not shown. */
const brokenReference = `this has a "\${" that begins no reference; expected \${env:NAME}, \${file:PATH} or \${vault:MOUNT/PATH#KEY}, or "$\${" for the characters themselves`;

/** Where references may stand. */
const referringSections: readonly string[] = ['state_encryption', 'vault', 'tokens', 'checks'];

/**
 * Loads configuration files and folders: merges them, lays an environment over, resolves references, validates. Does so in
 * slices, since checks may be running meanwhile.
 * Throws nothing for what users write: every mistake is a problem with its place.
 */
export async function loadConfiguration(
  system: System,
  paths: readonly string[],
  { environment, unresolved, secrets = createLocalSources(system), parse = parseAtStart }: LoadOptions,
): Promise<LoadedConfiguration | RefusedConfiguration> {
  const slices = createSlices(system.clock);
  const sources = await readSources(system, paths);
  const notes = createNotes(sources.problems);
  const { report, warn, problems } = notes;
  const { merged, incomplete } = await readContent(sources, problems, parse, slices);
  const environments = readEnvironments(merged, report);
  const written = applyEnvironment(merged, environments, environment, incomplete, report);
  const content = expandKeyFiles(written);
  const credentials = await findCredentials(merged, environments, environment, slices);

  const found = await referencesIn(
    pick(content, (key) => referringSections.includes(key)),
    slices,
  );
  const resolutions = new Map<string, Resolution>();
  const isStrict = unresolved === 'error';
  const references = createReferences(resolutions, {
    wrong: (place, message) => report(place, credentials.mayHold(place) ? brokenReference : message),
    unresolved: isStrict ? report : warn,
    missing: isStrict ? () => {} : warn,
  });
  const vault = await resolveAll(content, found, { secrets, resolutions, references, report });
  const looked = found.map(({ reference }) => reference);
  const hasChanged = await watchOrigin(system, paths, { sources, resolutions }, looked, secrets.look);

  await refuseReferencesInKeys(content, report, slices);
  checkSections(content, 'a configuration', [...sections, 'environments'], report);
  const context = { system, slices, kinds: probeKinds, report, warn, references, incomplete, vault, environment };
  const allowsPlain = readSettings(content, 'allow_plaintext_secrets', plaintextSchema, undefined, context);
  const plain = credentials.plain(allowsPlain);
  problems.push(...plain.refused.map(refusePlain));
  for (const secret of plain.allowed.flatMap((each) => each.plain)) references.keep(secret);
  const configuration = await buildConfiguration(content, context);
  if (configuration.checks.length + configuration.tokens.length === 0 && problems.length === 0)
    problems.push({
      ...(sources.files.length > 0 && content.place),
      message: 'there is nothing to do; expected checks or tokens',
    });

  const loaded = { environments: [...environments.keys()], hasChanged };
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems), ...loaded };
  const plainPlaces = new Set(plain.allowed.map(({ place }) => formatPlace(place)));
  return {
    ok: true,
    configuration,
    effective: { written, content, resolutions, plainPlaces },
    warnings: sortProblems(notes.warnings),
    notes: sortProblems(plain.allowed.map(allowPlain)),
    secrets: references.secrets(),
    references: found.map(({ reference }) => reference.text),
    ...loaded,
  };
}

/** Where all is noted that is to be said of a configuration. */
function createNotes(first: readonly Problem[]) {
  const problems: Problem[] = [...first];
  const warnings: Problem[] = [];
  const into =
    (list: Problem[]): Report =>
    (place, message) =>
      void list.push({ ...place, message });
  return {
    problems,
    warnings,
    report: into(problems),
    warn: into(warnings),
  };
}

interface Resolving extends SecretContext {
  readonly secrets: SecretSources;
  /** Filled in. */
  readonly resolutions: Map<string, Resolution>;
}

/**
 * Resolves all references: those of the section `vault:` first, since they say how Vault is reached. Returns what that
 * section says; undefined where there is none that can be used.
 */
async function resolveAll(
  content: MapTree,
  found: readonly FoundReference[],
  { secrets, resolutions, ...context }: Resolving,
): Promise<VaultDefinition | undefined> {
  const isOfVault = ({ users }: FoundReference) => users.includes('vault');
  const resolve = async (uses: readonly FoundReference[], vault: VaultDefinition | undefined) => {
    for (const [text, resolution] of await secrets.resolve(uses, vault)) resolutions.set(text, resolution);
  };
  for (const { reference, place, ...use } of found) {
    if (reference.scheme !== 'vault') continue;
    if (isOfVault({ reference, place, ...use }))
      context.report(
        place,
        `"${reference.text}" cannot stand in the section vault; expected \${env:NAME} or \${file:PATH}`,
      );
    if (!content.entries.has('vault'))
      context.report(place, `"${reference.text}" needs to know where Vault is; expected a section vault`);
  }
  await resolve(found.filter(isOfVault), undefined);
  const vault = readVault(content, context);
  await resolve(
    found.filter((each) => !isOfVault(each)),
    vault,
  );
  return vault;
}
