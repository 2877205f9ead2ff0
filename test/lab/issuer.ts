import { type KeyObject, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Introspection } from './bearer.ts';
import { createFaultSwitch, type FaultSwitch } from './fault-switch.ts';
import { type LabClientId, labClients } from './issuer-clients.ts';
import { type IssuerFaultName, issuerFaults, type TokenBody } from './issuer-faults.ts';
import { createLabProvider, labResource } from './issuer-provider.ts';

export interface IssuerOptions {
  /** By which others reach it; it listens on all addresses then. 127.0.0.1 by default, and it listens there alone. */
  readonly host?: string;
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** How long an access token lives; 60 s by default. */
  readonly accessTokenSeconds?: number;
  /** How late the fault `slow` answers; 6 s by default. */
  readonly slowMs?: number;
  /** What clients can be granted; `models.read` and `usage.read` by default. `admin` is known, and granted to none. */
  readonly scopes?: readonly string[];
}

/**
 * A certified OAuth 2.0 and OpenID server (oidc-provider), on loopback by default, with the clients of `labClients`. It
 * rotates refresh tokens, revokes a family at a replay, and can be broken at will.
 *
 * The lab hands `clientSecret` and a fresh `mintRefreshToken` to sonde by its environment, and has its API ask
 * `introspect` and `revoke`; these two go to the issuer's own records, not over the network, so that tokens go on being
 * good while the issuer is `down`.
 */
export interface Issuer {
  /** `http://HOST:PORT`: the issuer identifier. */
  readonly origin: string;
  readonly faults: FaultSwitch<IssuerFaultName>;
  /** Throws `RangeError` for a public client. */
  clientSecret(client: LabClientId): string;
  /** What a person's consent would have brought: the first refresh token of a new family. */
  mintRefreshToken(client: LabClientId, scopes: readonly string[]): Promise<string>;
  introspect(token: string): Promise<Introspection>;
  /** An access token alone; with a refresh token its whole family. */
  revoke(token: string): Promise<void>;
  /** How often the token endpoint has been asked since the start, whatever it answered. */
  tokenRequests(): number;
  close(): Promise<void>;
}

const account = 'lab-person';

/** Starts the issuer; rejects with Node's error (`EADDRINUSE`) when its port is taken. */
export async function startIssuer({
  host = '127.0.0.1',
  port = 0,
  accessTokenSeconds = 60,
  slowMs = 6000,
  scopes = ['models.read', 'usage.read'],
}: IssuerOptions = {}): Promise<Issuer> {
  const closing = new AbortController();
  const secrets = new Map(Object.keys(labClients).map((id) => [id, randomBytes(24).toString('base64url')]));
  let tokenRequests = 0;
  let handle: RequestListener = () => {};
  const server = createServer((request, response) => void handle(request, response));

  const listen = async (where: number) => {
    server.listen(where, host === '127.0.0.1' ? host : undefined);
    await once(server, 'listening');
  };
  const stopListening = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(port);
  const ownPort = (server.address() as AddressInfo).port;
  const origin = `http://${host}:${ownPort}`;
  const faults = createFaultSwitch(issuerFaults, async (active) => {
    if (active.some((name) => issuerFaults[name].closesPort)) await stopListening();
    else if (!server.listening) await listen(ownPort);
  });

  const { provider, publicKey } = createLabProvider(origin, {
    accessTokenSeconds,
    scopes,
    forbiddenScopes: ['admin'],
    secrets,
  });
  provider.use(async (context, next) => {
    if (context.path !== '/token') return next();
    tokenRequests += 1;
    await next();
    const fault = faults.on(context.path);
    const lie = fault && issuerFaults[fault].lie;
    if (fault === 'cut-answer') context.req.socket.destroy();
    else if (lie && context.status === 200) context.body = lie(context.body as TokenBody);
  });

  const callback = provider.callback();
  handle = async (request, response) => {
    const name = faults.on(new URL(request.url ?? '/', origin).pathname);
    const fault = name && issuerFaults[name];
    try {
      if (fault?.answersLate) await delay(slowMs, undefined, { signal: closing.signal });
    } catch {
      return response.destroy();
    }
    return fault?.seize ? fault.seize(response) : callback(request, response);
  };

  const find = async (token: string) =>
    (await provider.AccessToken.find(token)) ??
    (await provider.ClientCredentials.find(token)) ??
    (await provider.RefreshToken.find(token));

  return {
    origin,
    faults,
    clientSecret(client) {
      const secret = labClients[client].authentication === 'none' ? undefined : secrets.get(client);
      if (secret === undefined) throw new RangeError(`${client} has no secret`);
      return secret;
    },
    async mintRefreshToken(clientId, granted) {
      const client = await provider.Client.find(clientId);
      if (!client) throw new RangeError(`no client is named ${clientId}`);
      const grant = new provider.Grant({ clientId, accountId: account });
      grant.addResourceScope(labResource, granted.join(' '));
      const grantId = await grant.save();
      const scope = ['offline_access', ...granted].join(' ');
      const token = { client, accountId: account, grantId, scope, resource: labResource, gty: 'authorization_code' };
      return new provider.RefreshToken(token).save();
    },
    async introspect(token) {
      if (token.includes('.')) return introspectJwt(token, publicKey);
      const found = await find(token);
      if (!found?.isValid) return { active: false };
      return { active: true, ...(found.scope === undefined ? {} : { scope: found.scope }) };
    },
    async revoke(token) {
      const found = await find(token);
      if (found?.kind === 'RefreshToken' && found.grantId !== undefined) {
        await provider.RefreshToken.revokeByGrantId(found.grantId);
        await provider.AccessToken.revokeByGrantId(found.grantId);
      } else await found?.destroy();
    },
    tokenRequests: () => tokenRequests,
    async close() {
      closing.abort();
      await stopListening();
    },
  };
}

/** A JWT is its own record (RFC 9068): nothing is kept of it, and it cannot be revoked. */
function introspectJwt(token: string, publicKey: KeyObject): Introspection {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  const signed = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
  if (!signed) return { active: false };
  const { exp, scope } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return exp * 1000 > Date.now() ? { active: true, scope } : { active: false };
}
