import { type LabClientId, labClients } from './issuer-clients.ts';
import type { IssuerCredentials } from './issuer-credentials.ts';

/** Refreshes at the token endpoint as another holder of the same refresh token does; resolves with the answer's body. */
export async function refreshAsOther(
  tokenEndpoint: string,
  client: LabClientId,
  refreshToken: string,
  { secretOf }: Pick<IssuerCredentials, 'secretOf'>,
): Promise<Readonly<Record<string, unknown>>> {
  const { authentication } = labClients[client];
  const form = { grant_type: 'refresh_token', client_id: client, refresh_token: refreshToken };
  const body = new URLSearchParams(form);
  const headers = new Headers();
  if (authentication === 'client_secret_basic')
    headers.set('authorization', `Basic ${btoa(`${client}:${secretOf(client)}`)}`);
  else if (authentication !== 'none') body.set('client_secret', secretOf(client));
  const answer = await fetch(tokenEndpoint, { method: 'POST', headers, body });
  return (await answer.json()) as Record<string, unknown>;
}
