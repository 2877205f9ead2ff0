import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Clock } from '../../src/system/clock.ts';
import { listen } from '../net/loopback.ts';
import type { TestCertificate } from '../support/certificates.ts';

type Json = Readonly<Record<string, unknown>>;

interface FakeToken {
  /** Prefixes of the API paths that it may use; undefined: all. */
  readonly allows: readonly string[] | undefined;
  readonly renewable: boolean;
  /** What a renewal gives it, in seconds; 0 for one that does not end. */
  readonly ttl: number;
  endsAtMs: number;
  readonly maxAtMs: number;
}

interface FakeLease {
  readonly token: string;
  readonly ttl: number;
  readonly renewable: boolean;
  endsAtMs: number;
  readonly maxAtMs: number;
}

interface Asked {
  /** `GET secret/data/claude`. */
  readonly what: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json;
}

/** Seconds; without `maxTtl` there is no bound. */
export interface FakeLife {
  readonly ttl?: number;
  readonly maxTtl?: number;
  readonly renewable?: boolean;
}

type Reply = readonly [status: number, body: Json | string, headers?: Readonly<Record<string, string>>];

const errors = (status: number, ...said: string[]): Reply => [status, { errors: said }];
const denied = errors(403, '1 error occurred:\n\t* permission denied\n\n');

/**
 * A fake of Vault and OpenBao by their documented HTTP API: tokens with policies and lives, log-ins, both versions of the
 * key-value engine, an engine of credentials with leases, namespaces, a seal, and the statuses of a cluster. Lives go by
 * `clock`.
 */
export async function startFakeVault(clock: Clock, tls?: TestCertificate) {
  const tokens = new Map<string, FakeToken>();
  const leases = new Map<string, FakeLease>();
  const versioned = new Map<string, Json | null>();
  const plain = new Map<string, Json>();
  const asked: Asked[] = [];
  let made = 0;
  let always: Reply | undefined;
  const fake = {
    sealed: false,
    namespace: undefined as string | undefined,
    /** Of tokens that a log-in gives. */
    login: { ttl: 3600, renewable: true } as FakeLife & { allows?: readonly string[] },
    lease: { ttl: 600, renewable: true } as FakeLife,
    approle: { role_id: 'role-of-sonde', secret_id: 'fake-secret-id-000001' },
    jwt: 'fake.jwt.of-the-service-account',
    /** Whether a token may ask where its paths are mounted. */
    tellsMounts: true,
    /** Whether it is new enough for that question. */
    knowsMounts: true,
    /** What stands before a mount in its answer, as of a namespace. */
    mountPrefix: '',
    refusesRenewal: false,
    /** Whether it breaks connections instead of answering; `silent`: it does neither. */
    breaks: false as boolean | 'silent',
    /** Whether a token may not ask how long it lives. */
    hidesLives: false,
  };

  const life = ({ ttl = 3600, maxTtl, renewable = true }: FakeLife) => {
    const nowMs = clock.monotonicMs();
    const maxAtMs = maxTtl === undefined ? Number.POSITIVE_INFINITY : nowMs + maxTtl * 1000;
    return { ttl, renewable, maxAtMs, endsAtMs: ttl === 0 ? Number.POSITIVE_INFINITY : nowMs + ttl * 1000 };
  };
  const leftSeconds = (endsAtMs: number) =>
    endsAtMs === Number.POSITIVE_INFINITY ? 0 : Math.round((endsAtMs - clock.monotonicMs()) / 1000);
  const alive = <T extends { readonly endsAtMs: number }>(held: T | undefined): T | undefined =>
    held && clock.monotonicMs() < held.endsAtMs ? held : undefined;
  const liveOn = (held: FakeToken | FakeLease, ttl = held.ttl) => {
    held.endsAtMs = Math.min(clock.monotonicMs() + ttl * 1000, held.maxAtMs);
    return leftSeconds(held.endsAtMs);
  };

  const issue = (options: FakeLife & { allows?: readonly string[] } = {}, name?: string): string => {
    const token = name ?? `hvs.fake-token-${String(++made).padStart(6, '0')}`;
    tokens.set(token, { ...life(options), allows: options.allows });
    return token;
  };
  const authAnswer = (token: string): Reply => {
    const { ttl, renewable } = tokens.get(token) as FakeToken;
    return [
      200,
      { auth: { client_token: token, accessor: 'a', policies: ['default'], lease_duration: ttl, renewable } },
    ];
  };

  const logIn = (method: string, body: Json): Reply => {
    const { approle, jwt } = fake;
    if (method === 'approle' && (body.role_id !== approle.role_id || body.secret_id !== approle.secret_id))
      return errors(400, `invalid role or secret ID (${body.secret_id})`);
    if (method !== 'approle' && (body.jwt !== jwt || body.role !== 'sonde')) return errors(403, 'permission denied');
    return authAnswer(issue(fake.login));
  };

  const readSecret = (path: string, token: string): Reply => {
    const [, mount, rest = ''] = /^([^/]+)\/(.*)$/.exec(path) ?? [];
    if (mount === 'secret') {
      if (!rest.startsWith('data/'))
        return [404, { errors: [], warnings: ['Invalid path for a versioned K/V secrets engine.'] }];
      const data = versioned.get(rest.slice(5));
      if (data === undefined) return errors(404);
      const metadata = { version: 1, deletion_time: data === null ? '2026-01-01T00:00:00Z' : '', destroyed: false };
      return [data === null ? 404 : 200, { data: { data, metadata } }];
    }
    if (mount === 'old') {
      const data = plain.get(rest);
      return data ? [200, { lease_id: '', lease_duration: 2_764_800, renewable: false, data }] : errors(404);
    }
    if (mount === 'database' && rest.startsWith('creds/')) {
      const id = `${path}/fake-lease-${++made}`;
      leases.set(id, { ...life(fake.lease), token });
      const { ttl = 600, renewable = true } = fake.lease;
      const data = { username: `v-sonde-user-${made}`, password: `fake-password-${made}-xyz` };
      return [200, { lease_id: id, lease_duration: ttl, renewable, data }];
    }
    return errors(404, `no handler for route "${path}". route entry not found.`);
  };

  const renewLease = ({ lease_id, increment }: Json): Reply => {
    const lease = alive(leases.get(String(lease_id)));
    if (!lease || !alive(tokens.get(lease.token))) return errors(400, 'lease not found');
    if (!lease.renewable) return errors(400, 'lease is not renewable');
    const lease_duration = liveOn(lease, Number(increment) || lease.ttl);
    return [200, { lease_id, renewable: true, lease_duration }];
  };

  const withToken = (method: string, path: string, body: Json, token: string): Reply => {
    const held = alive(tokens.get(token));
    if (!held) return denied;
    if (path === 'auth/token/lookup-self') {
      if (fake.hidesLives) return denied;
      return [200, { data: { ttl: leftSeconds(held.endsAtMs), renewable: held.renewable } }];
    }
    if (path === 'auth/token/renew-self') {
      if (!held.renewable || fake.refusesRenewal) return errors(400, 'lease is not renewable');
      return [200, { auth: { client_token: token, lease_duration: liveOn(held), renewable: true } }];
    }
    if (path === 'auth/token/revoke-self') {
      tokens.delete(token);
      return [204, ''];
    }
    const isOf = (api: string) => held.allows === undefined || held.allows.some((prefix) => api.startsWith(prefix));
    if (path === 'sys/leases/renew') return isOf(path) ? renewLease(body) : denied;
    const [, inner] = /^sys\/internal\/ui\/mounts\/(.+)$/.exec(path) ?? [];
    if (inner !== undefined) {
      const mount = inner.split('/')[0] as string;
      if (!fake.knowsMounts) return errors(404);
      if (!fake.tellsMounts)
        return errors(
          403,
          `preflight capability check returned 403, please ensure client's policies grant access to path "${inner}/"`,
        );
      const kinds: Record<string, Json> = {
        secret: { type: 'kv', options: { version: '2' } },
        old: { type: 'kv', options: null },
        database: { type: 'database', options: null },
      };
      const kind = kinds[mount];
      return kind
        ? [200, { data: { path: `${fake.mountPrefix}${mount}/`, ...kind } }]
        : errors(403, 'preflight capability check returned 403');
    }
    return method === 'GET' && isOf(path) ? readSecret(path, token) : denied;
  };

  const answer = (request: IncomingMessage, body: Json): Reply => {
    const [, path = ''] = /^\/v1\/(.*)$/.exec(request.url ?? '') ?? [];
    const { headers, method = '' } = request;
    asked.push({ what: `${method} ${path}`, headers, body });
    if (always) return always;
    if (headers['x-vault-request'] !== 'true') return errors(412, 'missing X-Vault-Request header');
    if (fake.sealed) return errors(503, 'Vault is sealed');
    if (headers['x-vault-namespace'] !== fake.namespace) return denied;
    const [, login] = /^auth\/(.+)\/login$/.exec(path) ?? [];
    if (login !== undefined && method === 'POST') return logIn(login, body);
    return withToken(method, decodeURIComponent(path), body, String(headers['x-vault-token'] ?? ''));
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (fake.breaks === 'silent') return;
    if (fake.breaks) return void request.socket.destroy();
    const [status, body, headers = {}] = answer(request, text === '' ? {} : JSON.parse(text));
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, serve) : createPlainServer(serve);
  const port = await listen(server);

  return {
    /** What a test changes while it runs. */
    fake,
    address: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    tokens,
    leases,
    asked,
    /** What was asked since the last call. */
    news: () => asked.splice(0).map(({ what }) => what),
    issue,
    /** Writes at `secret/PATH` (version 2); null deletes the newest version. */
    write: (path: string, data: Json | null) => void versioned.set(path, data),
    /** Writes at `old/PATH` (version 1). */
    writeOld: (path: string, data: Json) => void plain.set(path, data),
    /** Gives one and the same answer to everything, until it is called without one. */
    answerAlways(reply?: Reply) {
      always = reply;
    },
  };
}
