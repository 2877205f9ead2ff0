import type { Audit } from '../model/audit.ts';
import { Secret } from '../model/secret.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import type { VaultDefinition } from '../model/vault.ts';
import type { HttpClient } from '../net/http.ts';
import type { Budget } from '../net/limiter.ts';
import type { System } from '../system/system.ts';
import type { Masker } from './mask.ts';
import type { Reference } from './reference.ts';
import type { Resolution, SecretSources, SecretUse } from './resolution.ts';
import { resolveReference } from './resolve-reference.ts';
import { createSecretRecord, type SecretFinding, type SecretRecord } from './secret-record.ts';
import { createTokenMemory } from './token-memory.ts';
import { createVaultClient, type PathUse, type VaultClient } from './vault-client.ts';
import { parseVaultName, type VaultName } from './vault-name.ts';

export interface SecretSourcesPorts {
  readonly system: System;
  /** sonde's own. */
  readonly version: string;
  readonly http: HttpClient;
  /** From which requests to Vault take their permits. */
  readonly budget: Budget;
  readonly masker: Masker;
  readonly audit: Audit;
  /** Told when a secret cannot be had, when that is for another reason than before, and when it can again. */
  report(standing: SecretStanding): void;
  warn(sentence: string): void;
}

/** The sources of a process that runs: they keep what Vault has given, and how each secret stands. */
export interface LiveSecretSources extends SecretSources {
  /** The configuration with these references has been taken over: all else is forgotten. */
  keepOnly(references: readonly string[]): void;
  /** The references to files and to Vault: what can go away while sonde runs. */
  standings(): readonly SecretStanding[];
  /** Gives back to Vault what it lent, where sonde had to log in for it. */
  close(): Promise<void>;
}

const vaultNameOf = ({ name }: Reference) => parseVaultName(name) as VaultName;

/** A client goes on with another way to log in, but another Vault has other secrets. */
const vaultKey = ({ address, namespace }: VaultDefinition) => JSON.stringify([address, namespace]);

export function createSecretSources(ports: SecretSourcesPorts): LiveSecretSources {
  const { system, masker, audit } = ports;
  const memory = createTokenMemory(masker);
  const records = new Map<string, SecretRecord>();
  const clients = new Map<string, VaultClient>();
  /** The one that the last load asked, and the one of the configuration that runs. */
  let asked: string | undefined;
  let running: string | undefined;

  const recordOf = ({ reference, users }: SecretUse): SecretRecord => {
    const record = records.get(reference.text) ?? createSecretRecord(reference);
    record.use(users);
    records.set(reference.text, record);
    return record;
  };
  /** Has a value hidden before anyone can use it. */
  const take = (record: SecretRecord, finding: SecretFinding) => {
    if (finding.value !== undefined) memory.remember(record.reference.text, [new Secret(finding.value)]);
    if (record.take(finding)) ports.report(record.standing(masker.mask));
  };
  const tell = ({ reference, users }: SecretUse, resolution: Resolution) =>
    audit('secret_read', {
      who: users,
      references: [reference.text],
      outcome: 'value' in resolution ? 'done' : 'failed',
      ...('problem' in resolution && { detail: masker.mask(resolution.problem) }),
    });

  const resolveLocal = async (use: SecretUse): Promise<Resolution> => {
    const resolution = await resolveReference(system, use.reference);
    if (use.reference.scheme === 'file') {
      const record = recordOf(use);
      take(record, fileFinding(use.reference, resolution, system.clock.wallMs()));
      record.count();
    }
    return resolution;
  };

  const recordsOf = (path: string) =>
    [...records.values()].filter(
      ({ reference }) => reference.scheme === 'vault' && vaultNameOf(reference).path === path,
    );
  const openClient = (key: string, definition: VaultDefinition): VaultClient => {
    const client = createVaultClient(definition, {
      ...ports,
      mask: masker.mask,
      conceal: (secret) => memory.remember('vault', [secret]),
      tried(path) {
        if (asked !== key) return;
        for (const record of recordsOf(path)) {
          take(record, client.find(vaultNameOf(record.reference)));
          record.count();
        }
      },
    });
    clients.set(key, client);
    return client;
  };
  const clientOf = (definition: VaultDefinition): VaultClient => {
    asked = vaultKey(definition);
    for (const [key, client] of clients) if (key !== asked && key !== running) drop(key, client);
    const client = clients.get(asked);
    client?.configure(definition);
    return client ?? openClient(asked, definition);
  };
  const drop = (key: string, client: VaultClient) => {
    client.close();
    clients.delete(key);
  };

  const resolveVault = async (uses: readonly SecretUse[], definition: VaultDefinition) => {
    const client = clientOf(definition);
    const known = uses.map(recordOf);
    await client.read(pathsOf(uses));
    for (const record of known) take(record, client.find(vaultNameOf(record.reference)));
  };

  return {
    async resolve(uses, vault) {
      const ofVault = uses.filter(({ reference }) => reference.scheme === 'vault');
      const resolutions = new Map<string, Resolution>();
      for (const use of uses)
        if (use.reference.scheme !== 'vault') resolutions.set(use.reference.text, await resolveLocal(use));
      if (vault && ofVault.length > 0) await resolveVault(ofVault, vault);
      for (const use of ofVault) resolutions.set(use.reference.text, vaultResolution(records, use.reference));
      for (const use of uses) tell(use, resolutions.get(use.reference.text) as Resolution);
      return resolutions;
    },
    async look(references) {
      const resolutions = new Map<string, Resolution>();
      for (const reference of references)
        if (reference.scheme !== 'vault') resolutions.set(reference.text, await resolveReference(system, reference));
      // In one go: what one lease gave belongs together.
      for (const reference of references)
        if (reference.scheme === 'vault') resolutions.set(reference.text, vaultResolution(records, reference));
      return new Map(references.map(({ text }) => [text, resolutions.get(text) as Resolution]));
    },
    keepOnly(references) {
      const kept = new Set(references);
      for (const text of records.keys()) if (!kept.has(text)) records.delete(text);
      const paths = new Set(
        [...records.values()].flatMap(({ reference }) =>
          reference.scheme === 'vault' ? [vaultNameOf(reference).path] : [],
        ),
      );
      running = paths.size > 0 ? asked : undefined;
      for (const [key, client] of clients) {
        if (key === running) client.keepOnly(paths);
        else drop(key, client);
      }
    },
    standings: () => [...records.values()].map((record) => record.standing(masker.mask)),
    async close() {
      await Promise.all([...clients.values()].map((client) => client.revoke()));
    },
  };
}

function vaultResolution(records: ReadonlyMap<string, SecretRecord>, { text }: Reference): Resolution {
  return records.get(text)?.resolution() ?? { problem: 'the section vault has mistakes', mayCome: true };
}

function fileFinding({ name, text }: Reference, resolution: Resolution, wallMs: number): SecretFinding {
  if ('value' in resolution) return { value: resolution.value, readAtMs: wallMs };
  const { problem } = resolution;
  const trouble = {
    reason: 'file',
    problem: `the file ${problem}`,
    action: 'put it back, with something in it that sonde may read',
    evidence: { file: name, reference: text },
  } as const;
  return { trouble };
}

function pathsOf(uses: readonly SecretUse[]): ReadonlyMap<string, PathUse> {
  const paths = new Map<string, PathUse>();
  for (const { reference, users } of uses) {
    const { path } = vaultNameOf(reference);
    const before = paths.get(path) ?? { users: [], references: [] };
    paths.set(path, {
      users: [...new Set([...before.users, ...users])],
      references: [...before.references, reference.text],
    });
  }
  return paths;
}
