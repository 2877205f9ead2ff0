import type { ClientAuthName } from '../../model/check.ts';
import type { Path } from '../yaml/tree.ts';
import type { TokenKey, TokenValues } from './token-schema.ts';
import type { TokenSpot } from './token-spot.ts';

/** What each way for a client to show who it is needs. */
const needs: Readonly<Record<ClientAuthName, readonly TokenKey[]>> = {
  client_secret_basic: ['client_secret'],
  client_secret_post: ['client_secret'],
  client_secret_jwt: ['client_secret'],
  private_key_jwt: ['private_key'],
  tls_client_auth: ['client_certificate'],
  self_signed_tls_client_auth: ['client_certificate'],
  none: [],
};

/** Whether `private_key` signs the assertion that the grant jwt_bearer sends. */
export function signsAssertion({ grant, assertion }: TokenValues): boolean {
  return grant === 'jwt_bearer' && typeof assertion !== 'string';
}

/** How a client shows who it is: as it says, or by what it has. */
export function clientAuthOf(values: TokenValues): ClientAuthName {
  if (values.client_auth) return values.client_auth;
  if (values.client_secret !== undefined) return 'client_secret_basic';
  if (values.private_key !== undefined && !signsAssertion(values)) return 'private_key_jwt';
  return values.client_certificate === undefined ? 'none' : 'tls_client_auth';
}

interface Fault {
  readonly path: Path;
  readonly sentence: string;
}

/** What a client lacks for what it says of itself. */
function* lacksOf(values: TokenValues, auth: ClientAuthName, { has }: TokenSpot): Generator<Fault> {
  const { grant, client_auth, assertion } = values;
  for (const key of needs[auth].filter((each) => !has(each)))
    yield { path: ['client_auth'], sentence: `is ${auth}, but there is no ${key}; expected one` };
  // RFC 6749 section 4.4: only a client that shows who it is may ask for a token of its own. One that says `none` may
  // do so by a parameter of its issuer's own.
  if (grant === 'client_credentials' && client_auth === undefined && auth === 'none')
    yield {
      path: [],
      sentence: `has no client_secret, private_key or client_certificate; expected one for the grant ${grant}`,
    };
  if (grant !== 'jwt_bearer') return;
  if (typeof assertion === 'object' && !has('private_key'))
    yield {
      path: ['assertion'],
      sentence: 'is to be signed, but there is no private_key; expected one, or a ready JWT',
    };
  const issuer = typeof assertion === 'object' ? assertion.issuer : undefined;
  const signsForItself = signsAssertion(values) && issuer === undefined && (has('private_key') || has('assertion'));
  if (!has('client_id') && (auth !== 'none' || signsForItself))
    yield {
      path: [],
      sentence: `has no client_id; expected one${auth === 'none' ? ', or assertion.issuer' : ` for client_auth ${auth}`}`,
    };
}

/** What is there and never used: whoever wrote it meant something else. */
function* wastesOf(values: TokenValues, auth: ClientAuthName, { has }: TokenSpot): Generator<Fault> {
  if (has('client_secret') && !auth.startsWith('client_secret'))
    yield { path: ['client_auth'], sentence: `is ${auth}, but there is a client_secret; expected one of them` };
  if (has('private_key') && auth !== 'private_key_jwt' && !signsAssertion(values))
    yield {
      path: ['private_key'],
      sentence: `has no use with client_auth ${auth}; expected private_key_jwt, or no private_key`,
    };
  for (const key of ['kid', 'signing_alg'] as const)
    if (has(key) && !has('private_key'))
      yield { path: [key], sentence: `has no use without a private_key; expected one, or no ${key}` };
  if (has('client_assertion_audience') && !auth.endsWith('_jwt'))
    yield {
      path: ['client_assertion_audience'],
      sentence: `has no use with client_auth ${auth}; expected private_key_jwt or client_secret_jwt`,
    };
  for (const [key, other] of pairs)
    if (has(key) && !has(other)) yield { path: [key], sentence: `stands without ${other}; expected both, or neither` };
}

const shownBy = ['client_auth', 'client_secret', 'private_key', 'client_certificate'] as const;

const pairs = [
  ['client_certificate', 'client_key'],
  ['client_key', 'client_certificate'],
] as const;

/** Reports a client that cannot show who it is as it says, and what it has for that and never uses. */
export function checkClientAuth(values: TokenValues, spot: TokenSpot): void {
  if (values.grant === 'static') return;
  // One that is wrong has been spoken of: what it would mean for the rest is not known.
  if (shownBy.some((key) => spot.has(key) && values[key] === undefined)) return;
  const auth = clientAuthOf(values);
  // A key that is misspelt has been spoken of; to say that it is missing would be noise.
  const faults = [...(spot.isWhole ? lacksOf(values, auth, spot) : []), ...wastesOf(values, auth, spot)];
  for (const { path, sentence } of faults)
    if (path.length === 0) spot.report(sentence);
    else spot.reportValue(path, sentence);
}
