import type { AssertionDefinition, RefreshDefinition, TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import { checkTree, joinPath } from '../check-tree.ts';
import { checkBudgetName, type EntryContext } from '../entry-context.ts';
import { fillTree } from '../filled-tree.ts';
import { readSchedule } from '../schedule.ts';
import { type Entry, keyPlaceAt, type Path, placeAt, type Tree } from '../yaml/tree.ts';
import { checkClientAuth, clientAuthOf } from './client-auth.ts';
import { checkEndpoints, checkPresentation, checkQuestions } from './token-checks.ts';
import { readAuthorities, readClientCertificate, readDpop, readSigningKey } from './token-keys.ts';
import { checkNeeds } from './token-needs.ts';
import { createOwnerCheck } from './token-owner.ts';
import { endpointKeys, type TokenValues, tokenSchema } from './token-schema.ts';
import { createTokenSpot, type TokenSpot } from './token-spot.ts';

const secretKeys: ReadonlySet<unknown> = new Set([
  'client_secret',
  'refresh_token',
  'value',
  'private_key',
  'client_key',
]);

/** Whether a secret stands at a path of a token. */
export function isTokenSecret(path: Path): boolean {
  return secretKeys.has(path[0]) || joinPath(path) === 'assertion' || joinPath(path) === 'dpop.key';
}

/** Where something may well be a secret, which only its issuer knows to be one. */
const closed = /^(parameters|login\.parameters|assertion\.claims)\./;

/** Stand-ins that pass for what they stand in for, so that the rest of the token can be looked at. */
const unknownUrl = 'https://unknown.invalid';
const addressKeys: ReadonlySet<unknown> = new Set(['issuer', ...endpointKeys, 'send_to', 'resource']);

const fillRules = {
  isSecret: isTokenSecret,
  isClosed: (path: Path) => closed.test(joinPath(path)),
  standIn: ([key]: Path) => (addressKeys.has(key) ? unknownUrl : undefined),
};

function readRefresh(
  { refresh = {} }: TokenValues,
  tree: Tree,
  label: string,
  { system, report }: EntryContext,
): RefreshDefinition {
  const { before_expiry, ...schedule } = refresh;
  const scheduled = readSchedule(schedule, { tree, path: ['refresh'], label: `${label}.refresh` }, system, report);
  if (before_expiry !== undefined && (schedule.every !== undefined || schedule.cron !== undefined))
    report(
      keyPlaceAt(tree, ['refresh', 'before_expiry']),
      `${label}.refresh has both before_expiry and ${schedule.every === undefined ? 'cron' : 'every'}; expected one of them`,
    );
  return scheduled ?? { beforeExpiry: before_expiry ?? 0.2 };
}

/** RFC 7523 section 3: short, since who reads one can use it until it ends. */
const assertionLifetimeMs = 300_000;

function readAssertion(values: TokenValues): AssertionDefinition | undefined {
  const { grant, assertion } = values;
  if (grant !== 'jwt_bearer') return undefined;
  if (typeof assertion === 'string') return { ready: new Secret(assertion) };
  const { issuer, subject, audience, lifetime = assertionLifetimeMs, claims = {} } = assertion ?? {};
  return compact({ issuer, subject, audience, lifetimeMs: lifetime, claims });
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
  const filled = fillTree(entry.tree, context.references, fillRules);
  const { tree, hidden, unknown } = filled;
  const values = checkTree({ schema: tokenSchema, tree, label, report: context.report, hidden, unknown });
  if (!values) return undefined;
  const spot = createTokenSpot(label, entry, filled, context);
  checkNeeds(values.grant, spot);
  checkClientAuth(values, spot);
  checkEndpoints(values, spot);
  checkQuestions(values, spot);
  checkPresentation(values, spot);
  const budget = values.budget ?? 'default';
  if (!spot.isUnknown(['budget'])) checkBudgetName(budget, tree, label, context);
  return compact({
    ...readProtocol(values, spot),
    name,
    refresh: readRefresh(values, tree, label, context),
    header: values.present?.header?.toLowerCase(),
    exportTo: values.export && { file: values.export.file, mode: values.export.mode ?? 0o600 },
    sendTo: values.send_to.map((origin) => new URL(origin).origin),
    budget,
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    allowHttp: values.allow_http,
    neededScopes: {},
    missingSecret: context.references.missingIn(entry.tree),
    place: entry.keyPlace,
  });
}

/** The part of a definition that says how its issuer is spoken to. */
function readProtocol(values: TokenValues, spot: TokenSpot) {
  const { login = { parameters: {} } } = values;
  return {
    grant: values.grant,
    issuer: values.issuer,
    endpoints: compact({
      token: values.token_endpoint,
      authorization: values.authorization_endpoint,
      deviceAuthorization: values.device_authorization_endpoint,
      pushedAuthorizationRequest: values.pushed_authorization_request_endpoint,
      introspection: values.introspection_endpoint,
      revocation: values.revocation_endpoint,
    }),
    clientId: values.client_id,
    clientSecret: secretOf(values.client_secret),
    clientAuth: clientAuthOf(values),
    signingKey: readSigningKey(values, spot),
    clientAssertionAudience: values.client_assertion_audience,
    clientCertificate: readClientCertificate(values, spot),
    presentCertificate: values.present?.client_certificate ?? true,
    ca: readAuthorities(values, spot),
    tokenRequest: values.token_request,
    dpop: readDpop(values, spot),
    assertion: readAssertion(values),
    scopes: values.scopes,
    resources: [values.resource].flat(),
    audience: values.audience,
    parameters: values.parameters,
    login: compact({
      redirectUri: login.redirect_uri,
      pushed: login.pushed ?? values.pushed_authorization_request_endpoint !== undefined,
      parameters: login.parameters,
    }),
    introspect: values.introspect ?? values.introspection_endpoint !== undefined,
    refreshToken: secretOf(values.refresh_token),
    value: secretOf(values.value),
  };
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
