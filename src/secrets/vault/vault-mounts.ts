import { z } from 'zod';
import { isTrouble, type SecretTrouble } from '../trouble.ts';
import type { VaultAnswer } from './vault-answer.ts';
import type { VaultRequest } from './vault-door.ts';

/** How a path of a reference is read: `versioned` is version 2 of the key-value engine. */
export interface Location {
  /** Below `/v1/`, as it goes into a URL. */
  readonly apiPath: string;
  readonly versioned: boolean;
}

const mountSchema = z.object({
  data: z.object({
    path: z.string(),
    type: z.string(),
    options: z.object({ version: z.string().optional() }).nullish(),
  }),
});

const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/');

const plain = (path: string): Location => ({ apiPath: encode(path), versioned: false });

/** In version 2 the path within the mount stands behind `data/`. */
const versioned = (mount: string, path: string): Location => ({
  apiPath: `${encode(mount)}/data/${encode(path.slice(mount.length + 1))}`,
  versioned: true,
});

/**
 * Where Vault keeps what a path names, most likely first: its own answer on the path's mount, as its command line asks for
 * it. Where that is denied, the path as it stands (version 1, and all that makes credentials), then as version 2 with the
 * first part as mount. An older server that does not know the question has version 1.
 */
export async function locate(
  path: string,
  ask: (request: VaultRequest) => Promise<VaultAnswer | SecretTrouble>,
): Promise<readonly Location[] | SecretTrouble> {
  const answer = await ask({ method: 'GET', path: `sys/internal/ui/mounts/${encode(path)}` });
  if (isTrouble(answer)) return answer;
  const { success, data } = mountSchema.safeParse(answer.json);
  if (answer.status === 200 && success) {
    const { path: mountPath, type, options } = data.data;
    const mount = mountWithin(path, mountPath.replace(/\/$/, ''));
    return [type === 'kv' && options?.version === '2' ? versioned(mount, path) : plain(path)];
  }
  if (answer.status === 404) return [plain(path)];
  const [first = ''] = path.split('/');
  return [plain(path), versioned(first, path)];
}

/** The mount as the path begins with it: Vault may put a namespace before it that the path does not have. */
function mountWithin(path: string, mount: string): string {
  const parts = mount.split('/');
  for (let from = 0; from < parts.length; from++) {
    const rest = parts.slice(from).join('/');
    if (path.startsWith(`${rest}/`)) return rest;
  }
  return path.split('/')[0] as string;
}
