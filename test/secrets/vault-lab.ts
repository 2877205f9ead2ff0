import { onTestFinished } from 'vitest';
import type { AuditEvent, AuditFields } from '../../src/model/audit.ts';
import { Secret } from '../../src/model/secret.ts';
import type { SecretStanding } from '../../src/model/secret-standing.ts';
import type { VaultDefinition } from '../../src/model/vault.ts';
import type { HttpClient, HttpExchange } from '../../src/net/http.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { createMasker } from '../../src/secrets/mask.ts';
import { parseReferences, type Reference } from '../../src/secrets/reference.ts';
import { createSecretSources } from '../../src/secrets/secret-sources.ts';
import type { TestCertificate } from '../support/certificates.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';
import { startFakeVault } from './fake-vault.ts';

/** `${vault:NAME}`. */
export const refer = (name: string) => `\${vault:${name}}`;

export function useOf(text: string, ...users: string[]) {
  const [reference] = parseReferences(text).pieces as Reference[];
  return { reference: reference as Reference, users: users.length > 0 ? users : ['tokens.claude'] };
}

/** The sources of a running sonde against a fake Vault, on virtual time and real sockets. */
export async function openLab(changes: Partial<VaultDefinition> = {}, tls?: TestCertificate) {
  const system = createVirtualSystem();
  const vault = await startFakeVault(system.clock, tls);
  const masker = createMasker();
  const audited: [AuditEvent, AuditFields][] = [];
  const reported: SecretStanding[] = [];
  const warnings: string[] = [];
  const http = createHttpClient(system, createResolver(system, { servers: ['127.0.0.1:1'], tries: 1 }));
  onTestFinished(() => http.close());
  const underWay = new Set<Promise<HttpExchange>>();
  const watched: HttpClient = {
    ...http,
    exchange(...request) {
      const exchange = http.exchange(...request).finally(() => underWay.delete(exchange));
      underWay.add(exchange);
      return exchange;
    },
  };
  const budget = createBudget(system.clock, {
    name: 'vault',
    ratePerSecond: 1000,
    burst: 1000,
    reserveForTokens: 0,
  });
  const sources = createSecretSources({
    system,
    version: 'test',
    http: watched,
    budget,
    masker,
    audit: (event, fields) => void audited.push([event, fields]),
    report: (standing) => void reported.push(standing),
    warn: (sentence) => void warnings.push(sentence),
  });
  const definition: VaultDefinition = {
    address: vault.address,
    auth: { method: 'token', token: new Secret(vault.issue({ ttl: 0 })) },
    timeoutMs: 5000,
    everyMs: 300_000,
    ...changes,
  };

  /** Loads these references, as a load of the configuration does. */
  const load = async (names: readonly string[], vaultNow = definition) => {
    const found = await sources.resolve(
      names.map((name) => useOf(name.startsWith('$') ? name : refer(name))),
      vaultNow,
    );
    return [...found.values()].map((resolution) => ('value' in resolution ? resolution.value : resolution));
  };
  const look = async (...names: string[]) => {
    const found = await sources.look(names.map((name) => useOf(refer(name)).reference));
    return [...found.values()].map((resolution) => ('value' in resolution ? resolution.value : resolution));
  };
  /** Resolves when no request is under way. */
  const quiet = async () => {
    await settle();
    for (; underWay.size > 0; await settle()) await Promise.all(underWay);
  };
  /** Lets time go by, in steps in which requests on real sockets are answered. */
  const pass = async (ms: number) => {
    await quiet();
    for (let leftMs = ms; leftMs > 0; leftMs -= 1000) {
      await system.clock.advance(Math.min(1000, leftMs));
      await quiet();
    }
  };
  /** Leaves no permit for anyone. */
  const exhaust = () => budget.adjust({ name: 'vault', ratePerSecond: 1e-9, burst: 0, reserveForTokens: 0 });
  return { exhaust, system, vault, masker, sources, definition, audited, reported, warnings, load, look, pass, quiet };
}
