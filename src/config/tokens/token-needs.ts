import type { GrantName } from '../../model/check.ts';
import { type TokenKey, tokenSchema } from './token-schema.ts';
import type { TokenSpot } from './token-spot.ts';

/** Something that a grant cannot do without: each of `either` will do, whole. */
interface Need {
  readonly either: readonly (readonly TokenKey[])[];
}

const one = (...keys: readonly TokenKey[]): Need => ({ either: keys.map((key) => [key]) });

const endpointsOfToken = one('issuer', 'token_endpoint');

/** What each grant needs. */
const needs: Readonly<Record<GrantName, readonly Need[]>> = {
  client_credentials: [endpointsOfToken, one('client_id')],
  refresh_token: [endpointsOfToken, one('client_id'), one('refresh_token')],
  authorization_code: [{ either: [['issuer'], ['token_endpoint', 'authorization_endpoint']] }, one('client_id')],
  device_code: [{ either: [['issuer'], ['token_endpoint', 'device_authorization_endpoint']] }, one('client_id')],
  jwt_bearer: [endpointsOfToken, one('assertion', 'private_key')],
  static: [one('value')],
};

/** What only a grant has a use for that a person logs in to. */
const forLogins: readonly TokenKey[] = [
  'authorization_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'revocation_endpoint',
  'login',
];

const forStatic: readonly TokenKey[] = ['grant', 'value', 'present', 'send_to', 'allow_http'];

/** What would never be used: whoever wrote it meant something else. */
const useless: Readonly<Record<GrantName, readonly TokenKey[]>> = {
  client_credentials: ['refresh_token', 'value', 'assertion', ...forLogins],
  refresh_token: ['value', 'assertion'],
  authorization_code: ['refresh_token', 'value', 'assertion'],
  device_code: ['refresh_token', 'value', 'assertion'],
  jwt_bearer: ['refresh_token', 'value', ...forLogins],
  static: tokenSchema.keyof().options.filter((key) => !forStatic.includes(key)),
};

/** `issuer, or token_endpoint and authorization_endpoint`. */
function tell({ either }: Need): string {
  const parts = either.map((keys) => keys.join(' and '));
  return parts.length > 1 && parts.some((part) => part.includes(' ')) ? parts.join(', or ') : parts.join(' or ');
}

/** Reports what a grant lacks, and what it never uses. */
export function checkNeeds(grant: GrantName, { has, isWhole, report, reportKey }: TokenSpot): void {
  const missing = needs[grant].filter(({ either }) => !either.some((keys) => keys.every(has)));
  if (isWhole) for (const need of missing) report(`has no ${tell(need)}; expected it for the grant ${grant}`);
  for (const key of useless[grant].filter(has))
    reportKey([key], `has no use with the grant ${grant}; expected another grant, or no ${key}`);
}
