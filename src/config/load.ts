import type { Secret } from '../model/secret.ts';
import type { VaultDefinition } from '../model/vault.ts';
import { probeKinds } from '../probes/index.ts';
import { createLocalSources } from '../secrets/local-sources.ts';
import type { Resolution, SecretSources } from '../secrets/resolution.ts';
import type { System } from '../system/system.ts';
import { buildConfiguration } from './build.ts';
import type { Configuration } from './configuration.ts';
import { watchOrigin } from './digest.ts';
import { applyEnvironment, checkSections, sections } from './environment.ts';
import { expandKeyFiles } from './key-files.ts';
import { expandMainKeys } from './kind-spec.ts';
import { mergeSources } from './merge.ts';
import { parseSource } from './parse.ts';
import { allowPlain, type PlainSecret, refusePlain, type SecretContext } from './plaintext.ts';
import { type Problem, type Report, sortProblems } from './problem.ts';
import { createReferences, type FoundReference, referencesIn, refuseReferencesInKeys } from './references.ts';
import { plaintextSchema } from './sections.ts';
import { readSettings } from './settings.ts';
import { readSources } from './sources.ts';
import { describeTree, isEmpty, type MapTree, pick, type Tree } from './tree.ts';
import { readVault } from './vault.ts';

export interface LoadOptions {
  /** The environment to lay over. */
  readonly environment?: string;
  /** Whether a reference without a value is an error, as for a daemon, or a warning, as for a check without secrets. */
  readonly unresolved: 'error' | 'warning';
  /** Where the values of references come from. Without it: variables and files, and nobody on the network is asked. */
  readonly secrets?: SecretSources;
}

interface Watched {
  /** Reads files and references again, and says whether anything has changed since. Never throws. */
  hasChanged(): Promise<boolean>;
}

export interface LoadedConfiguration extends Watched {
  readonly ok: true;
  readonly configuration: Configuration;
  /** References without a value, when those are warnings: `configuration` is then for looking at, not for running. */
  readonly warnings: readonly Problem[];
  /** Secrets in plain text, where that is allowed. */
  readonly notes: readonly Problem[];
  /** All secrets that the configuration holds, for masking. */
  readonly secrets: readonly Secret[];
  /** The references whose values it holds, or waits for. */
  readonly references: readonly string[];
}

export interface RefusedConfiguration extends Watched {
  readonly ok: false;
  /** All that is wrong, in the order of the files; at least one. */
  readonly problems: readonly Problem[];
}

/** Where references may stand. */
const referringSections: readonly string[] = ['state_encryption', 'vault', 'tokens', 'checks'];

/** Expands the main keys of all checks, those of environments too, so that an overlay can change a key of a kind. */
function expandChecks(content: MapTree): MapTree {
  const entries = new Map(content.entries);
  const change = (key: string, how: (tree: Tree) => Tree) => {
    const entry = entries.get(key);
    if (entry) entries.set(key, { ...entry, tree: how(entry.tree) });
  };
  change('checks', (checks) => mapEntries(checks, (check) => expandMainKeys(check, probeKinds)));
  change('environments', (environments) =>
    mapEntries(environments, (environment) => (environment.type === 'map' ? expandChecks(environment) : environment)),
  );
  return { ...content, entries };
}

function mapEntries(tree: Tree, change: (tree: Tree) => Tree): Tree {
  if (tree.type !== 'map') return tree;
  const entries = [...tree.entries].map(([key, entry]) => [key, { ...entry, tree: change(entry.tree) }] as const);
  return { ...tree, entries: new Map(entries) };
}

/**
 * Loads configuration files and folders: merges them, lays an environment over, resolves references, validates.
 * Throws nothing for what users write: every mistake is a problem with its place.
 */
export async function loadConfiguration(
  system: System,
  paths: readonly string[],
  options: LoadOptions,
): Promise<LoadedConfiguration | RefusedConfiguration> {
  const sources = await readSources(system, paths);
  const problems: Problem[] = [...sources.problems];
  const warnings: Problem[] = [];
  const report: Report = (place, message) => problems.push({ ...place, message });
  const warn: Report = (place, message) => warnings.push({ ...place, message });

  const contents: MapTree[] = [];
  /** Whether something stands in a file that could not be read, so that what is missing may be there. */
  let incomplete = sources.problems.length > 0;
  for (const file of sources.files) {
    const { tree, problems: found } = parseSource(file);
    problems.push(...found);
    if (found.length > 0 && !tree) incomplete = true;
    if (tree?.type === 'map') contents.push(tree);
    else if (tree && !isEmpty(tree))
      report(tree.place, `the file is ${describeTree(tree)}; expected a mapping with checks or tokens`);
  }
  const merged = mergeSources(contents, report);
  const effective = merged && applyEnvironment(expandChecks(merged), options.environment, incomplete, report);
  const content = effective && expandKeyFiles(effective);
  const found = content ? referencesIn(pick(content, (key) => referringSections.includes(key))) : [];
  const resolutions = new Map<string, Resolution>();
  const isStrict = options.unresolved === 'error';
  const references = createReferences(resolutions, {
    wrong: report,
    unresolved: isStrict ? report : warn,
    missing: isStrict ? () => {} : warn,
  });
  const plainSecrets: PlainSecret[] = [];
  const plain = (each: PlainSecret) => plainSecrets.push(each);
  const secrets = options.secrets ?? createLocalSources(system);
  const vault = content && (await resolveAll(content, found, { secrets, resolutions, references, report, plain }));
  const look = [...found].map(({ reference }) => reference);
  const hasChanged = watchOrigin(system, paths, { sources, resolutions }, look, secrets.look);

  if (content) refuseReferencesInKeys(content, report);
  if (content) checkSections(content, 'a configuration', [...sections, 'environments'], report);
  const configuration =
    content &&
    buildConfiguration(content, {
      system,
      kinds: probeKinds,
      report,
      warn,
      plain,
      references,
      incomplete,
      vault,
      environment: options.environment,
    });
  const allowsPlain =
    content && readSettings(content, 'allow_plaintext_secrets', plaintextSchema, undefined, { references, report });
  if (!allowsPlain) problems.push(...plainSecrets.map(refusePlain));
  const isIdle = !configuration || configuration.checks.length + configuration.tokens.length === 0;
  if (isIdle && problems.length === 0) {
    const place = sources.files[0] && { file: sources.files[0].path, line: 1, column: 1 };
    problems.push({ ...place, message: 'there is nothing to do; expected checks or tokens' });
  }
  if (!configuration || problems.length > 0) return { ok: false, problems: sortProblems(problems), hasChanged };
  return {
    ok: true,
    configuration,
    warnings: sortProblems(warnings),
    notes: sortProblems(plainSecrets.map(allowPlain)),
    secrets: references.secrets(),
    references: found.map(({ reference }) => reference.text),
    hasChanged,
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
