import type { RefreshDefinition, TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import { isLoopbackHost } from '../model/loopback.ts';
import { revealText, Secret } from '../model/secret.ts';
import { headerNameFault } from '../probes/http-header.ts';
import { checkTree, joinPath } from './check-tree.ts';
import { checkBudgetName, type EntryContext } from './entry-context.ts';
import { readSchedule } from './schedule.ts';
import { createOwnerCheck } from './token-owner.ts';
import { type TokenValues, tokenSchema } from './token-schema.ts';
import { type Entry, keyPlaceAt, keysOf, mapScalars, type Path, placeAt } from './tree.ts';

const secretKeys: ReadonlySet<unknown> = new Set(['client_secret', 'refresh_token', 'value']);

type TokenKey = keyof TokenValues;

/** What each grant needs; for `issuer` the token endpoint will do. */
const needs: Readonly<Record<TokenValues['grant'], readonly TokenKey[]>> = {
  client_credentials: ['issuer', 'client_id', 'client_secret'],
  refresh_token: ['issuer', 'client_id', 'refresh_token'],
  static: ['value'],
};

/** What would never be used: whoever wrote it meant something else. */
const useless: Readonly<Record<TokenValues['grant'], readonly TokenKey[]>> = {
  client_credentials: ['refresh_token', 'value'],
  refresh_token: ['value'],
  static: [
    'issuer',
    'token_endpoint',
    'authorization_endpoint',
    'client_id',
    'client_secret',
    'client_auth',
    'refresh_token',
    'scopes',
    'refresh',
    'budget',
    'timeout',
    'export',
  ],
};

/** Stand-ins that pass for what they stand in for, so that the rest of the token can be looked at. */
const unknownUrl = 'https://unknown.invalid';
const stands: Readonly<Record<string, string>> = {
  issuer: unknownUrl,
  token_endpoint: unknownUrl,
  authorization_endpoint: unknownUrl,
  send_to: unknownUrl,
};

interface FilledToken extends Entry {
  /** Paths at which a reference stood: what they hold is not shown. */
  readonly filled: ReadonlySet<string>;
  /** Paths of references without a value: nothing more is said of them. */
  readonly unknown: ReadonlySet<string>;
}

/** A token with its references filled in; a secret stays in it only until the definition is made. */
function fillReferences(entry: Entry, { references }: EntryContext): FilledToken {
  const filled = new Set<string>();
  const unknown = new Set<string>();
  const tree = mapScalars(entry.tree, (scalar, path) => {
    if (typeof scalar.value !== 'string') return scalar;
    const isSecret = secretKeys.has(path[0]);
    const text = references.fill(scalar.value, scalar.place, { open: !isSecret });
    if (text === undefined) {
      unknown.add(joinPath(path));
      // What is written stands in for a secret, so that two tokens that refer to one can be seen.
      return { ...scalar, value: stands[String(path[0])] ?? (isSecret ? scalar.value : 'unknown') };
    }
    if (text instanceof Secret) filled.add(joinPath(path));
    if (isSecret) references.keep(new Secret(revealText(text)));
    return { ...scalar, value: revealText(text) };
  });
  return { ...entry, tree, filled, unknown };
}

function checkNeeds(
  values: TokenValues,
  { keyPlace, tree }: FilledToken,
  label: string,
  { report }: EntryContext,
): void {
  const { grant } = values;
  const keys = keysOf(tree);
  const has = (key: string) => keys.includes(key) || (key === 'issuer' && keys.includes('token_endpoint'));
  // A key that is misspelt has been spoken of; to say that it is missing would be noise.
  const missing = keys.every((key) => Object.hasOwn(tokenSchema.shape, key))
    ? needs[grant].filter((key) => !has(key))
    : [];
  for (const key of missing)
    report(
      keyPlace,
      `${label} has no ${key === 'issuer' ? 'issuer or token_endpoint' : key}; expected it for the grant ${grant}`,
    );
  for (const key of useless[grant].filter((each) => keys.includes(each)))
    report(
      keyPlaceAt(tree, [key]),
      `${label}.${key} has no use with the grant ${grant}; expected another grant, or no ${key}`,
    );
}

function checkClientAuth(values: TokenValues, { tree }: Entry, label: string, { report }: EntryContext): void {
  const { client_auth, client_secret, grant } = values;
  if (client_auth === undefined || grant === 'static') return;
  const place = placeAt(tree, ['client_auth']);
  if (client_auth === 'none' && client_secret !== undefined)
    report(place, `${label}.client_auth is none, but there is a client_secret; expected one of them`);
  if (client_auth !== 'none' && client_secret === undefined && grant === 'refresh_token')
    report(place, `${label}.client_auth is ${client_auth}, but there is no client_secret; expected one`);
}

function checkEndpoints(values: TokenValues, { tree }: Entry, label: string, { report }: EntryContext): void {
  if (values.allow_http) return;
  for (const key of ['issuer', 'token_endpoint', 'authorization_endpoint'] as const) {
    const url = URL.parse(values[key] ?? '');
    if (url?.protocol === 'http:' && !isLoopbackHost(url.hostname))
      report(
        placeAt(tree, [key]),
        `${label}.${key} would send secrets over plain http; expected https, or "allow_http: true" on the token`,
      );
  }
}

function readRefresh(values: TokenValues, { tree }: Entry, label: string, context: EntryContext): RefreshDefinition {
  const { before_expiry, ...schedule } = values.refresh ?? {};
  const { system, report } = context;
  const spot = { tree, path: ['refresh'], label: `${label}.refresh` };
  const scheduled = readSchedule(schedule, spot, system, report);
  if (before_expiry !== undefined && (schedule.every !== undefined || schedule.cron !== undefined))
    report(
      keyPlaceAt(tree, ['refresh', 'before_expiry']),
      `${label}.refresh has both before_expiry and ${schedule.every === undefined ? 'cron' : 'every'}; expected one of them`,
    );
  return scheduled ?? { beforeExpiry: before_expiry ?? 0.2 };
}

/** Headers that a client may set elsewhere, but that carry no credential to a target. */
const forProxies = /^(host|proxy-.*)$/i;

function checkHeader(values: TokenValues, { tree }: Entry, label: string, { report }: EntryContext): void {
  const header = values.present?.header ?? 'authorization';
  const fault = forProxies.test(header) ? 'this header is not for credentials of a target' : headerNameFault(header);
  if (fault !== undefined)
    report(
      placeAt(tree, ['present', 'header']),
      `${label}.present.header: ${fault}; expected one that may carry a credential`,
    );
}

const secretOf = (text: string | undefined) => (text === undefined ? undefined : new Secret(text));

/** The definition of one token; undefined when it is wrong, which has been reported. */
function readToken(
  name: string,
  entry: Entry,
  defaultTimeoutMs: number,
  context: EntryContext,
): TokenDefinition | undefined {
  const label = `tokens.${name}`;
  const token = fillReferences(entry, context);
  const { tree, filled, unknown } = token;
  const hidden = (path: Path) => path.length === 0 || secretKeys.has(path[0]) || filled.has(joinPath(path));
  const values = checkTree({ schema: tokenSchema, tree, label, report: context.report, hidden, unknown });
  if (!values) return undefined;
  checkNeeds(values, token, label, context);
  checkClientAuth(values, token, label, context);
  checkEndpoints(values, token, label, context);
  checkHeader(values, token, label, context);
  const budget = values.budget ?? 'default';
  if (!unknown.has('budget')) checkBudgetName(budget, tree, label, context);
  return compact({
    name,
    grant: values.grant,
    issuer: values.issuer,
    endpoints: compact({ token: values.token_endpoint, authorization: values.authorization_endpoint }),
    clientId: values.client_id,
    clientSecret: secretOf(values.client_secret),
    clientAuth: values.client_auth ?? (values.client_secret === undefined ? 'none' : 'client_secret_basic'),
    refreshToken: secretOf(values.refresh_token),
    value: secretOf(values.value),
    scopes: values.scopes,
    refresh: readRefresh(values, token, label, context),
    header: values.present?.header?.toLowerCase(),
    presentCertificate: true,
    tokenRequest: 'form' as const,
    resources: [],
    parameters: {},
    login: { pushed: false, parameters: {} },
    introspect: false,
    neededScopes: {},
    exportTo: values.export && { file: values.export.file, mode: 0o600 },
    sendTo: values.send_to.map((origin) => new URL(origin).origin),
    budget,
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    allowHttp: values.allow_http,
    missingSecret: context.references.missingIn(entry.tree),
    place: entry.keyPlace,
  });
}

/** The definitions of all tokens but those that are wrong, which has been reported. */
export function readTokens(
  entries: readonly (readonly [string, Entry])[],
  defaultTimeoutMs: number,
  context: EntryContext,
): TokenDefinition[] {
  const checkOwner = createOwnerCheck(context.report);
  return entries.flatMap(([name, entry]) => {
    const token = readToken(name, entry, defaultTimeoutMs, context);
    if (!token) return [];
    checkOwner(token, placeAt(entry.tree, ['refresh_token']));
    return [token];
  });
}
