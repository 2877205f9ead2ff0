import { Wait } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import type { SecretStanding } from '../../src/model/secret-standing.ts';
import type { VaultDefinition } from '../../src/model/vault.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { createMasker } from '../../src/secrets/mask.ts';
import { createSecretSources } from '../../src/secrets/secret-sources.ts';
import { createSystem } from '../../src/system/system.ts';
import { refer, useOf } from '../secrets/vault-lab.ts';
import { pulledImage } from './pulled-image.ts';
import { openStage, type Stage } from './stage.ts';

const image = await pulledImage('openbao/openbao:2');
const rootToken = 'root-token-of-the-test';
const port = 8200;
const patience = { timeout: 30_000, interval: 100 };

const policy = `
path "secret/data/claude" { capabilities = ["read"] }
path "secret/data/absent" { capabilities = ["read"] }
path "old/*" { capabilities = ["read"] }
`;

/** What the fake of test/secrets claims of Vault, held against a real OpenBao in development mode. */
describe.skipIf(image === undefined)('a real OpenBao', () => {
  let stage: Stage;
  let address = '';
  let log = '';

  const api = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { 'x-vault-token': rootToken },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };

  beforeAll(async () => {
    stage = await openStage();
    const asked = stage
      .container(image as string, 'bao')
      .withCommand(['server', '-dev', `-dev-root-token-id=${rootToken}`, `-dev-listen-address=0.0.0.0:${port}`])
      .withAddedCapabilities('IPC_LOCK')
      .withExposedPorts(port)
      .withLogConsumer((stream) => {
        stream.on('data', (text) => {
          log += text;
        });
      })
      .withWaitStrategy(Wait.forHttp('/v1/sys/health', port));
    const container = await stage.start(asked);
    address = `http://${container.getHost()}:${container.getMappedPort(port)}`;
    await api('POST', 'sys/mounts/old', { type: 'kv', options: { version: '1' } });
    await api('PUT', 'sys/policies/acl/sonde', { policy });
    await api('POST', 'sys/auth/approle', { type: 'approle' });
    await api('POST', 'auth/approle/role/sonde', { token_policies: ['sonde'], token_ttl: '1h' });
    await api('POST', 'secret/data/claude', { data: { client_secret: 'first-secret', port: 8080 } });
    await api('POST', 'secret/data/hidden', { data: { key: 'x' } });
    await api('POST', 'old/claude', { key: 'old-secret' });
  });

  afterAll(() => stage?.[Symbol.asyncDispose]());

  async function openSources() {
    const system = createSystem();
    const reported: SecretStanding[] = [];
    const http = createHttpClient(system, createResolver(system));
    const sources = createSecretSources({
      system,
      version: 'test',
      http,
      budget: createBudget(system.clock, { name: 'vault', ratePerSecond: 100, burst: 100, reserveForTokens: 0 }),
      masker: createMasker(),
      audit() {},
      report: (standing) => void reported.push(standing),
      warn() {},
    });
    const { data: role } = await api('GET', 'auth/approle/role/sonde/role-id');
    const { data: secret } = await api('POST', 'auth/approle/role/sonde/secret-id', {});
    const approle: VaultDefinition = {
      address,
      auth: {
        method: 'approle',
        mount: 'approle',
        roleId: new Secret(role.role_id),
        secretId: new Secret(secret.secret_id),
      },
      timeoutMs: 5_000,
      everyMs: 500,
    };
    const load = async (names: readonly string[], definition: VaultDefinition) => {
      const found = await sources.resolve(
        names.map((name) => useOf(refer(name))),
        definition,
      );
      return [...found.values()].map((resolution) => ('value' in resolution ? resolution.value : resolution.problem));
    };
    const close = async () => {
      await sources.close();
      await http.close();
    };
    return { sources, reported, approle, load, close };
  }

  it('gives secrets of both versions to who logs in by AppRole, and takes the token back', async () => {
    const { approle, load, close } = await openSources();
    const names = ['secret/claude#client_secret', 'secret/claude#port', 'old/claude#key'];
    expect(await load(names, approle)).toEqual(['first-secret', '8080', 'old-secret']);
    const accessors = async () => (await api('LIST', 'auth/token/accessors')).data.keys.length;
    const before = await accessors();
    await close();
    expect(await accessors()).toBe(before - 1);
  });

  it('takes a token that is given', async () => {
    const { approle, load, close } = await openSources();
    const auth = { method: 'token', token: new Secret(rootToken) } as const;
    expect(await load(['secret/claude#client_secret'], { ...approle, auth })).toEqual(['first-secret']);
    await close();
  });

  it('is understood when it denies a path, has nothing there, or another key', async () => {
    const { approle, load, sources, close } = await openSources();
    await load(['secret/hidden#key', 'secret/absent#key', 'secret/claude#absent'], approle);
    expect(sources.standings().map(({ cause }) => cause?.evidence.reason)).toEqual([
      'denied',
      'path_absent',
      'key_absent',
    ]);
    await close();
  });

  it('refuses a log-in that is wrong', async () => {
    const { approle, load, sources, close } = await openSources();
    const auth = { ...approle.auth, secretId: new Secret('00000000-0000-0000-0000-000000000000') };
    await load(['secret/claude#client_secret'], { ...approle, auth } as VaultDefinition);
    expect(sources.standings()).toMatchObject([{ cause: { evidence: { reason: 'login_refused', status: 400 } } }]);
    await close();
  });

  it('is followed when a secret changes, and waited for while it is sealed', async () => {
    const { approle, load, sources, reported, close } = await openSources();
    const name = 'secret/claude#client_secret';
    const { reference } = useOf(refer(name));
    const value = async () => [...(await sources.look([reference])).values()];
    await load([name], approle);
    await api('POST', 'secret/data/claude', { data: { client_secret: 'second-secret' } });
    await vi.waitFor(async () => expect(await value()).toEqual([{ value: 'second-secret' }]), patience);

    const [, unsealKey] = /Unseal Key: (\S+)/.exec(log) ?? [];
    await api('PUT', 'sys/seal');
    await vi.waitFor(() => {
      expect(reported.at(-1)).toMatchObject({ state: 'stale', cause: { evidence: { reason: 'sealed', status: 503 } } });
    }, patience);
    expect(await value()).toEqual([{ value: 'second-secret' }]);
    await api('PUT', 'sys/unseal', { key: unsealKey });
    await vi.waitFor(() => expect(reported.at(-1)?.state).toBe('current'), patience);
    await close();
  });
});
