import type { CheckDefinition, TokenDefinition } from '../model/check.ts';
import { nearest, suggest } from '../model/nearest.ts';
import type { ProbeKind } from '../probes/probe.ts';
import { readAssertions } from './check-assertions.ts';
import { type CheckValues, checkSchema } from './check-schema.ts';
import { checkTree } from './check-tree.ts';
import { checkBudgetName, type EntryContext } from './entry-context.ts';
import { checkNumber, type KindSpec, readKindSpec } from './kind-spec.ts';
import { readSchedule } from './schedule.ts';
import {
  describeTree,
  type Entry,
  keyPlaceAt,
  type MapTree,
  mapScalars,
  pick,
  placeAt,
  type Tree,
} from './yaml/tree.ts';

/** What checks are read with. */
export interface CheckContext extends EntryContext {
  readonly kinds: readonly ProbeKind[];
  readonly defaults: { readonly everyMs: number; readonly timeoutMs: number };
  readonly tokenNames: readonly string[];
  /** Those that could be read. */
  readonly tokens: readonly TokenDefinition[];
}

/** Kinds that later versions have. */
const plannedKinds: readonly string[] = [
  'tcp',
  'tls',
  'dns',
  'icmp',
  'grpc',
  'websocket',
  'smtp',
  'mail',
  'steps',
  'script',
];

const commonKeys: ReadonlySet<string> = new Set(Object.keys(checkSchema.shape));

/** The kind of a check and its entry; undefined when it has none or several, which has been reported. */
function findKind(
  check: MapTree,
  { keyPlace }: Entry,
  label: string,
  { kinds, report }: CheckContext,
): readonly [ProbeKind, Entry] | undefined {
  const names = kinds.map(({ kind }) => kind);
  const unknown = [...check.entries].filter(([key]) => !commonKeys.has(key) && !names.includes(key));
  let meansKind = false;
  for (const [key, entry] of unknown) {
    if (plannedKinds.includes(key)) {
      meansKind = true;
      report(entry.keyPlace, `the kind ${key} is not supported yet; ${suggest('', names)}`);
      continue;
    }
    const meant = nearest(key, [...commonKeys, ...names]);
    meansKind ||= meant === undefined || names.includes(meant);
    const end = meant
      ? `did you mean "${meant}"?`
      : `expected a kind of probe (${names.join(', ')}) or one of ${[...commonKeys].join(', ')}`;
    report(entry.keyPlace, `"${key}" is not a key of ${label}; ${end}`);
  }
  const found = kinds.flatMap((kind) => {
    const entry = check.entries.get(kind.kind);
    return entry ? [[kind, entry] as const] : [];
  });
  const [first, second] = found;
  if (!first && !meansKind) report(keyPlace, `${label} has no kind of probe; ${suggest('', names)}`);
  if (first && second) {
    report(second[1].keyPlace, `${label} has two kinds of probe, ${first[0].kind} and ${second[0].kind}; expected one`);
    return undefined;
  }
  return first;
}

function checkToken(name: string, check: Tree, label: string, { incomplete, report, tokenNames }: CheckContext): void {
  if (incomplete || tokenNames.includes(name)) return;
  report(placeAt(check, ['token']), `${label}.token: there is no token "${name}"; ${suggest(name, tokenNames)}`);
}

/** Reports scopes that are needed of a token that cannot have them. */
function checkNeededScopes(
  { token: name, needs_scopes: needed }: CheckValues,
  tree: Tree,
  label: string,
  { report, warn, tokens }: CheckContext,
): void {
  if (needed.length === 0) return;
  const place = keyPlaceAt(tree, ['needs_scopes']);
  const token = tokens.find((each) => each.name === name);
  if (name === undefined) report(place, `${label}.needs_scopes has no use without a token; expected "token:" as well`);
  if (token?.grant === 'static')
    report(
      place,
      `${label}.needs_scopes: "${name}" is static, and nobody says what it was granted; expected another token`,
    );
  // An issuer may grant more than it was asked for, so this is not surely wrong.
  if (!token || token.scopes.length === 0) return;
  for (const [index, scope] of needed.entries())
    if (!token.scopes.includes(scope))
      warn(
        placeAt(tree, ['needs_scopes', index]),
        `${label}.needs_scopes: "${name}" does not ask for ${JSON.stringify(scope)}; expected it among its scopes`,
      );
}

/** Reports a target that the token may not be sent to, and one that would get it, or a secret, in plain text. */
function checkTarget(
  { target, hasSecret }: KindSpec,
  { token: name, allow_http }: CheckValues,
  spot: { readonly tree: MapTree; readonly kind: Entry; readonly label: string },
  { report, tokens }: CheckContext,
): void {
  if (!target) return;
  const { tree, kind, label } = spot;
  const token = tokens.find((each) => each.name === name);
  if (token && token.sendTo.length > 0 && !token.sendTo.includes(target.origin ?? '')) {
    const origins = token.sendTo.join(', ');
    report(
      placeAt(tree, ['token']),
      `${label}.token: "${token.name}" may not be sent to ${target.origin ?? target.display}; its send_to has ${origins}`,
    );
  }
  if (target.plaintext && !allow_http && (hasSecret || name !== undefined)) {
    const what = name === undefined ? 'a secret' : `the token "${name}"`;
    report(
      kind.tree.place,
      `${label} would send ${what} over plain http; expected https, or "allow_http: true" on the check`,
    );
  }
}

/** The definition of one check; undefined when it is wrong, which has been reported. */
export function readCheck(name: string, entry: Entry, context: CheckContext): CheckDefinition | undefined {
  const { defaults, kinds, references, report, system } = context;
  const label = `checks.${name}`;
  if (entry.tree.type !== 'map') {
    const kindNames = kinds.map(({ kind }) => kind).join(', ');
    report(
      entry.tree.place,
      `${label} is ${describeTree(entry.tree)}; expected a mapping with a kind of probe: ${kindNames}`,
    );
    return undefined;
  }
  const kind = findKind(entry.tree, entry, label, context);
  const common = pick(entry.tree, (key) => commonKeys.has(key));
  const tree = mapScalars(common, (scalar, [key]) => {
    if (key === 'labels') checkNumber(scalar, report);
    if (typeof scalar.value !== 'string') return scalar;
    return { ...scalar, value: references.refuse(scalar.value, scalar.place) ?? scalar.value };
  });
  const values = checkTree({ schema: checkSchema, tree, label, report });
  const read = kind && readSpec(kind, label, context);
  if (!values) return undefined;
  const schedule = readSchedule(values, { tree, path: [], label }, system, report);
  const assertions = readAssertions(values.assert.length, tree, label, { kinds, report, probe: kind?.[0] });
  checkBudgetName(values.budget, tree, label, context);
  if (values.token !== undefined) checkToken(values.token, tree, label, context);
  checkNeededScopes(values, tree, label, context);
  if (!kind || !read) return undefined;
  const missingSecret = references.missingIn(kind[1].tree);
  checkTarget(read, values, { tree: entry.tree, kind: kind[1], label }, context);
  return {
    name,
    kind: kind[0].kind,
    schedule: schedule ?? { everyMs: defaults.everyMs },
    timeoutMs: values.timeout ?? defaults.timeoutMs,
    budget: values.budget,
    needsScopes: values.needs_scopes,
    confirm: values.confirm,
    trace: values.trace,
    allowHttp: values.allow_http,
    labels: Object.fromEntries(Object.entries(values.labels).map(([label, value]) => [label, String(value)])),
    spec: read.spec,
    assertions,
    place: entry.keyPlace,
    placeOf: (path) => placeAt(kind[1].tree, path),
    ...(values.token !== undefined && { token: values.token }),
    ...(missingSecret && { missingSecret }),
  };
}

function readSpec([kind, entry]: readonly [ProbeKind, Entry], label: string, context: CheckContext) {
  const named = `${label}.${kind.kind}`;
  if (entry.tree.type === 'map') return readKindSpec(kind, entry, named, context);
  context.report(entry.keyPlace, `${named} is empty; expected its ${kind.mainKey}, or a mapping`);
  return undefined;
}
