/** A secret of Vault: a path below `/v1/`, mount included, and a key of what is stored there. */
export interface VaultName {
  /** `secret/claude`; for KV version 2 without `data/`. */
  readonly path: string;
  readonly key: string;
}

/** Vault takes no path that ends in a period; `.` and `..` would lead elsewhere. Half a character has no place in a URL. */
const isSegment = (segment: string) => segment !== '' && !segment.endsWith('.') && segment.isWellFormed();

/** Reads `MOUNT/PATH#KEY`; undefined when it is none. */
export function parseVaultName(name: string): VaultName | undefined {
  const hash = name.indexOf('#');
  const path = name.slice(0, hash).replace(/^\//, '');
  const key = name.slice(hash + 1);
  const segments = path.split('/');
  if (hash < 0 || key === '' || segments.length < 2 || !segments.every(isSegment)) return undefined;
  return { path, key };
}
