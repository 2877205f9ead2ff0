import { z } from 'zod';
import { compact } from '../model/compact.ts';
import { isLoopbackHost } from '../model/loopback.ts';
import { Secret } from '../model/secret.ts';
import type { VaultAuth, VaultDefinition } from '../model/vault.ts';
import { checkTree, joinPath } from './check-tree.ts';
import { duration } from './fields.ts';
import { fillTree } from './filled-tree.ts';
import type { SecretContext } from './plaintext.ts';
import type { Report } from './problem.ts';
import { isEmpty, type MapTree, type Path, placeAt, type Tree } from './yaml/tree.ts';

const mount = (standard: string) =>
  z
    .string()
    .regex(/^[^/].*[^/]$|^[^/]$/, { error: `expected a path such as ${standard}, without slashes around it` })
    .describe(`Where the auth method is mounted. Without it: ${standard}.`)
    .default(standard);

const role = z.string().min(1).describe('The role to log in with.');

const addressForm = 'expected an address such as https://vault.example.com:8200';

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
}

export const vaultSchema = z.strictObject({
  address: z
    .string({ error: addressForm })
    .refine(isAddress, { error: addressForm })
    .describe('The address of Vault or OpenBao, such as https://vault.example.com:8200.'),
  namespace: z.string().min(1).describe('The namespace that is asked, such as team-a.').optional(),
  ca: z
    .string()
    .min(1)
    .describe('Authorities that are trusted instead of those that Node.js trusts: a path, or PEM text.')
    .optional(),
  auth: z
    .strictObject({
      token: z.string().min(1).describe('A token of Vault: a reference to a variable or file.').optional(),
      approle: z
        .strictObject({
          role_id: z.string().min(1).describe('The id of the role.'),
          secret_id: z.string().min(1).describe('Its secret id, where the role binds one.').optional(),
          mount: mount('approle'),
        })
        .optional(),
      kubernetes: z
        .strictObject({
          role,
          mount: mount('kubernetes'),
          jwt_file: z
            .string()
            .min(1)
            .describe("The file of the service account's token.")
            .default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
        })
        .optional(),
      jwt: z.strictObject({ role, mount: mount('jwt'), jwt: z.string().min(1).describe('The JWT.') }).optional(),
    })
    .describe('How sonde logs in: token, approle, kubernetes or jwt.'),
  timeout: duration('The time that one request to Vault may take.', '1ms').prefault('5s'),
  every: duration('How often secrets without a lease are read again.', '1s').prefault('5m'),
  allow_http: z.boolean().describe('Lets Vault be asked over plain http.').default(false),
});

type VaultValues = z.infer<typeof vaultSchema>;

/** What is not shown in messages, and hidden in all that sonde tells. */
const secretPaths: ReadonlySet<string> = new Set([
  'auth.token',
  'auth.approle.role_id',
  'auth.approle.secret_id',
  'auth.jwt.jwt',
]);

/** Whether a secret stands at a path of the section. */
export function isVaultSecret(path: Path): boolean {
  return secretPaths.has(joinPath(path));
}

/**
 * The section `vault:`, whose own references are to variables and files. Undefined where there is none, where it is
 * wrong, which has been reported, and where one of its references has no value.
 */
export function readVault(content: MapTree, { references, report }: SecretContext): VaultDefinition | undefined {
  const written = content.entries.get('vault')?.tree;
  if (!written || isEmpty(written)) return undefined;
  const { tree, hidden, unknown } = fillTree(written, references, { isSecret: isVaultSecret });
  const values = checkTree({ schema: vaultSchema, tree, label: 'vault', report, hidden, unknown });
  const auth = values && readAuth(values.auth, tree, report);
  if (!auth || unknown.size > 0) return undefined;
  checkPlainHttp(values, tree, report);
  const { address, namespace, ca, timeout: timeoutMs, every: everyMs } = values;
  return compact({ address: address.replace(/\/+$/, ''), namespace, ca, auth, timeoutMs, everyMs });
}

function checkPlainHttp({ address, allow_http }: VaultValues, tree: Tree, report: Report): void {
  const url = URL.parse(address);
  if (allow_http || url?.protocol !== 'http:' || isLoopbackHost(url.hostname)) return;
  report(
    placeAt(tree, ['address']),
    'vault.address would send secrets over plain http; expected https, or "allow_http: true" in this section',
  );
}

function readAuth(
  { token, approle, kubernetes, jwt }: VaultValues['auth'],
  tree: Tree,
  report: Report,
): VaultAuth | undefined {
  const ways: VaultAuth[] = [];
  if (token !== undefined) ways.push({ method: 'token', token: new Secret(token) });
  if (approle) {
    const { role_id: roleId, secret_id: secretId } = approle;
    ways.push(
      compact({
        method: 'approle' as const,
        mount: approle.mount,
        roleId: new Secret(roleId),
        secretId: secretId === undefined ? undefined : new Secret(secretId),
      }),
    );
  }
  if (kubernetes) {
    const { jwt_file: jwtFile } = kubernetes;
    ways.push({ method: 'kubernetes', mount: kubernetes.mount, role: kubernetes.role, jwtFile });
  }
  if (jwt) ways.push({ method: 'jwt', mount: jwt.mount, role: jwt.role, jwt: new Secret(jwt.jwt) });
  const [way] = ways;
  if (ways.length === 1) return way;
  const names = ways.map(({ method }) => method).join(', ');
  report(
    placeAt(tree, ['auth']),
    `vault.auth has ${ways.length === 0 ? 'no way to log in' : `several ways to log in (${names})`}; expected one of token, approle, kubernetes, jwt`,
  );
  return undefined;
}
