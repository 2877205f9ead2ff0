import type { Audit } from '../model/audit.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import type { VaultDefinition } from '../model/vault.ts';
import type { HttpClient } from '../net/http.ts';
import type { Budget } from '../net/limiter.ts';
import type { System } from '../system/system.ts';
import type { Masker } from './mask.ts';
import type { Reference } from './reference.ts';
import type { Resolution, Resolutions, SecretSources, SecretUse } from './resolution.ts';
import { resolveReference } from './resolve-reference.ts';
import { createSecretBook, type SecretBook } from './secret-book.ts';
import type { SecretFinding, SecretRecord } from './secret-record.ts';
import { createTokenMemory } from './token-memory.ts';
import type { SecretTrouble } from './trouble.ts';
import { createVaultClient, type PathUse, type VaultClient } from './vault/vault-client.ts';
import { parseVaultName, type VaultName } from './vault/vault-name.ts';

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

/** The sources of a process that runs: they keep what was given, and how each secret stands. */
export interface LiveSecretSources extends SecretSources {
  /**
   * References of which the last load brought another value than runs. Those of one path of Vault stand together: the name
   * and the password of one lease are nothing without each other.
   */
  changed(): readonly (readonly string[])[];
  /** What the last load brought, asking nobody again, but with what runs for these references. */
  withholding(references: ReadonlySet<string>): SecretSources;
  /** No configuration can be made with what these brought: what runs is held on to until they bring something else. */
  reject(references: readonly string[], why: string): void;
  /** The last load was not taken over: what is new waits for one that is. */
  refused(): void;
  /** The configuration that was made with these has been taken over: all else is forgotten. */
  adopt(resolutions: Resolutions): void;
  /** The references to files and to Vault: what can go away while sonde runs. */
  standings(): readonly SecretStanding[];
  /** Breaks off what Vault is being asked, and asks it for no secret any more. */
  stop(): void;
  /** Gives back to Vault what it lent, where sonde had to log in for it. */
  close(): Promise<void>;
}

/** A Vault, and what is known of what it gives. */
interface VaultSide {
  readonly client: VaultClient;
  readonly book: SecretBook;
}

const vaultNameOf = ({ name }: Reference) => parseVaultName(name) as VaultName;

/** A client goes on with another way to log in, but another Vault has other secrets. */
const vaultKey = ({ address, namespace }: VaultDefinition) => JSON.stringify([address, namespace]);

export function createSecretSources(ports: SecretSourcesPorts): LiveSecretSources {
  const { system, masker, audit } = ports;
  const memory = createTokenMemory(masker);
  const sides = new Map<string, VaultSide>();
  /** What the last load brought for each reference. */
  const loaded = new Map<string, Resolution>();
  /** The key of the Vault that the last load asked, and of the one of the configuration that runs. */
  let asked: string | undefined;
  let running: string | undefined;
  let isRunning = false;
  let waits = false;
  let stopped = false;

  const openBook = (isShown: () => boolean) =>
    createSecretBook({ memory, waits: () => waits, isShown, report: ports.report, mask: masker.mask });
  const files = openBook(() => true);
  const sideOf = (key: string | undefined) => (key === undefined ? undefined : sides.get(key));
  /** Of another Vault than that of the running configuration nothing is told before it is taken over. */
  const shown = () => (isRunning ? running : asked);
  const shownBooks = () => [files, ...[sideOf(shown())?.book ?? []].flat()];

  const tell = ({ reference, users }: SecretUse, resolution: Resolution) =>
    audit('secret_read', {
      who: users,
      references: [reference.text],
      outcome: 'value' in resolution ? 'done' : 'failed',
      ...('problem' in resolution && { detail: resolution.problem }),
    });
  /** Reads a file; one that cannot be read has its last good value. */
  const readFile = async (record: SecretRecord): Promise<Resolution> => {
    const { reference } = record;
    const resolution = await resolveReference(system, reference);
    files.take(record, fileFinding(reference, resolution, system.clock.wallMs()));
    record.count();
    return resolution;
  };
  const valueElse = (kept: Resolution, other: Resolution) => ('value' in kept ? kept : other);
  const resolveLocal = async (use: SecretUse): Promise<Resolution> => {
    if (use.reference.scheme === 'env') return resolveReference(system, use.reference);
    const record = files.open(use);
    const resolution = await readFile(record);
    return valueElse(record.found(), resolution);
  };
  const lookLocally = async (reference: Reference): Promise<Resolution> => {
    const record = files.find(reference.text);
    if (!record) return resolveReference(system, reference);
    const resolution = await readFile(record);
    return valueElse(record.resolution(), resolution);
  };

  const openSide = (key: string, definition: VaultDefinition): VaultSide => {
    const book = openBook(() => shown() === key);
    const client = createVaultClient(definition, {
      ...ports,
      mask: masker.mask,
      conceal: (secret) => memory.remember('vault', [secret]),
      tried(path) {
        for (const record of book.records()) {
          const name = vaultNameOf(record.reference);
          if (name.path !== path) continue;
          book.take(record, client.find(name));
          record.count();
        }
      },
    });
    const side = { client, book };
    sides.set(key, side);
    return side;
  };
  const drop = (key: string, { client }: VaultSide) => {
    client.close();
    sides.delete(key);
  };
  /** The side that a load asks; that of the running configuration stays beside it. */
  const askedSide = (definition: VaultDefinition): VaultSide => {
    const key = vaultKey(definition);
    asked = key;
    for (const [other, side] of sides) if (other !== key && other !== running) drop(other, side);
    const side = sides.get(key);
    side?.client.configure(definition);
    return side ?? openSide(key, definition);
  };
  const resolveVault = async (uses: readonly SecretUse[], definition: VaultDefinition) => {
    const { client, book } = askedSide(definition);
    const records = uses.map(book.open);
    await client.read(pathsOf(uses));
    for (const record of records) book.take(record, client.find(vaultNameOf(record.reference)));
  };
  const recordOf = ({ text }: Reference) => sideOf(asked)?.book.find(text);
  const look = async (references: readonly Reference[]): Promise<Resolutions> => {
    const local = new Map<string, Resolution>();
    for (const reference of references)
      if (reference.scheme !== 'vault') local.set(reference.text, await lookLocally(reference));
    // Those of Vault in one go: what one lease gave belongs together.
    const ofVault = (reference: Reference) => recordOf(reference)?.resolution() ?? sectionIsWrong;
    return new Map(references.map((reference) => [reference.text, local.get(reference.text) ?? ofVault(reference)]));
  };
  const recordsOfLoad = () => [...files.records(), ...(sideOf(asked)?.book.records() ?? [])];

  return {
    async resolve(uses, vault) {
      const ofVault = uses.filter(({ reference }) => reference.scheme === 'vault');
      for (const use of uses)
        if (use.reference.scheme !== 'vault') loaded.set(use.reference.text, await resolveLocal(use));
      if (vault && ofVault.length > 0 && !stopped) await resolveVault(ofVault, vault);
      for (const { reference } of ofVault) loaded.set(reference.text, recordOf(reference)?.found() ?? sectionIsWrong);
      const resolutions = new Map(uses.map(({ reference: { text } }) => [text, loaded.get(text) as Resolution]));
      for (const use of uses) tell(use, resolutions.get(use.reference.text) as Resolution);
      return resolutions;
    },
    look,
    changed() {
      const changed = recordsOfLoad().filter((record) => record.superseded());
      const together = Map.groupBy(changed, ({ reference }) =>
        reference.scheme === 'vault' ? vaultNameOf(reference).path : reference.text,
      );
      return [...together.values()].map((records) => records.map(({ reference }) => reference.text));
    },
    withholding(references) {
      const running = new Map(recordsOfLoad().map((record) => [record.reference.text, record.superseded()]));
      return {
        resolve: async (uses) =>
          new Map(
            uses.map(({ reference: { text } }) => [
              text,
              (references.has(text) ? running.get(text) : undefined) ?? loaded.get(text) ?? isTooNew,
            ]),
          ),
        look,
      };
    },
    reject(references, why) {
      const rejected = new Set(references);
      for (const record of recordsOfLoad()) {
        if (!rejected.has(record.reference.text)) continue;
        record.reject(unusable(why));
        record.count();
      }
      for (const book of shownBooks()) book.tell();
    },
    refused() {
      waits = true;
      for (const book of shownBooks()) book.tell();
    },
    adopt(resolutions) {
      waits = false;
      isRunning = true;
      files.adopt(resolutions);
      const side = sideOf(asked);
      running = side?.book.records().some(({ reference }) => resolutions.has(reference.text)) ? asked : undefined;
      for (const text of loaded.keys()) if (!resolutions.has(text)) loaded.delete(text);
      for (const [key, each] of sides) if (key !== running) drop(key, each);
      const kept = sideOf(running);
      kept?.book.adopt(resolutions);
      kept?.client.keepOnly(new Set(kept.book.records().map(({ reference }) => vaultNameOf(reference).path)));
    },
    standings: () => shownBooks().flatMap((book) => book.records().map((record) => record.standing(masker.mask))),
    stop() {
      stopped = true;
      for (const { client } of sides.values()) client.stop();
    },
    async close() {
      await Promise.all([...sides.values()].map(({ client }) => client.revoke()));
    },
  };
}

const sectionIsWrong: Resolution = { problem: 'the section vault has mistakes', mayCome: true };

/** Of a reference that came into a file while it was loaded: the next look sees it. */
const isTooNew: Resolution = { problem: 'it came while the configuration was read', mayCome: true };

function unusable(why: string): SecretTrouble {
  return {
    reason: 'unusable',
    problem: `its new value cannot be used: ${why}`,
    action: 'write one that can',
    evidence: {},
  };
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
