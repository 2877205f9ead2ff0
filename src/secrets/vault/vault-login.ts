import { z } from 'zod';
import { Secret } from '../../model/secret.ts';
import type { VaultAuth } from '../../model/vault.ts';
import type { System } from '../../system/system.ts';
import { readSecretFile } from '../resolve-reference.ts';
import { isTrouble, type SecretTrouble } from '../trouble.ts';
import { seconds } from './vault-answer.ts';
import type { VaultDoor } from './vault-door.ts';
import { answerTrouble } from './vault-trouble.ts';

/** A token of Vault that requests are made with. */
export interface VaultToken {
  readonly value: Secret;
  /** How long it lives from `sinceMs` on, in milliseconds; absent for one that does not end, or does not say. */
  readonly lifetimeMs?: number;
  /** When it was asked for, in monotonic milliseconds. */
  readonly sinceMs: number;
  readonly renewable: boolean;
}

const authSchema = z.object({
  auth: z.object({
    client_token: z.string().min(1),
    lease_duration: seconds.default(0),
    renewable: z.boolean().default(false),
  }),
});

const lookupSchema = z.object({
  data: z.object({ ttl: seconds.default(0), renewable: z.boolean().default(false) }),
});

const lifetime = (durationSeconds: number) => (durationSeconds > 0 ? { lifetimeMs: durationSeconds * 1000 } : {});

export interface LoginPorts {
  readonly system: System;
  readonly door: VaultDoor;
  /** From now on this is hidden in all that sonde tells. */
  conceal(secret: Secret): void;
}

/** The body of a log-in; a trouble when the file of the JWT cannot be read. */
async function credentialsOf(
  auth: Exclude<VaultAuth, { method: 'token' }>,
  { system, conceal }: LoginPorts,
): Promise<Record<string, string> | SecretTrouble> {
  // Vault may quote in its errors what it was sent.
  if (auth.method === 'approle') {
    conceal(auth.roleId);
    if (auth.secretId) conceal(auth.secretId);
    return { role_id: auth.roleId.reveal(), ...(auth.secretId && { secret_id: auth.secretId.reveal() }) };
  }
  if (auth.method === 'jwt') {
    conceal(auth.jwt);
    return { role: auth.role, jwt: auth.jwt.reveal() };
  }
  // Kubernetes changes it long before it ends.
  const file = await readSecretFile(system, auth.jwtFile);
  if ('problem' in file)
    return {
      reason: 'file',
      problem: `${auth.jwtFile} ${file.problem}`,
      action: 'mount the token of the service account, or set `jwt_file`',
      evidence: { file: auth.jwtFile },
    };
  const jwt = new Secret(file.value.trim());
  conceal(jwt);
  return { role: auth.role, jwt: jwt.reveal() };
}

/** Gets a token by the way that the configuration names. */
export async function logIn(auth: VaultAuth, ports: LoginPorts): Promise<VaultToken | SecretTrouble> {
  if (auth.method === 'token') {
    ports.conceal(auth.token);
    return lookUp(auth.token, ports.door);
  }
  const body = await credentialsOf(auth, ports);
  if (isTrouble(body)) return body;
  const answer = await ports.door.ask({ method: 'POST', path: `auth/${auth.mount}/login`, body });
  if (isTrouble(answer)) return answer;
  const { success, data } = authSchema.safeParse(answer.json);
  if (answer.status !== 200 || !success) {
    return answerTrouble(answer, (status) =>
      status >= 400 && status < 500
        ? [
            'login_refused',
            `Vault refuses the log-in by ${auth.method} at auth/${auth.mount}`,
            'check the role, its credential, and where the auth method is mounted',
          ]
        : undefined,
    );
  }
  const { client_token, lease_duration, renewable } = data.auth;
  const value = new Secret(client_token);
  ports.conceal(value);
  return { value, sinceMs: answer.sentMs, renewable, ...lifetime(lease_duration) };
}

/** How long a token lives that was given to us. One that may not ask this is used all the same. */
async function lookUp(value: Secret, door: VaultDoor): Promise<VaultToken | SecretTrouble> {
  const answer = await door.ask({ method: 'GET', path: 'auth/token/lookup-self', token: value });
  if (isTrouble(answer)) return answer;
  const { success, data } = lookupSchema.safeParse(answer.json);
  if (answer.status === 200 && success) {
    const { ttl, renewable } = data.data;
    return { value, sinceMs: answer.sentMs, renewable, ...lifetime(ttl) };
  }
  if (answer.status === 403) return { value, sinceMs: answer.sentMs, renewable: false };
  return answerTrouble(answer, () => undefined);
}

/** Has a token live on. */
export async function renew(token: VaultToken, door: VaultDoor): Promise<VaultToken | SecretTrouble> {
  const answer = await door.ask({ method: 'PUT', path: 'auth/token/renew-self', token: token.value, body: {} });
  if (isTrouble(answer)) return answer;
  const { success, data } = authSchema.safeParse(answer.json);
  if (answer.status !== 200 || !success) {
    return answerTrouble(answer, (status) =>
      status >= 400 && status < 500
        ? ['login_refused', 'Vault does not renew its token', 'check that it is alive and may be renewed']
        : undefined,
    );
  }
  const { lease_duration, renewable } = data.auth;
  return { value: token.value, sinceMs: answer.sentMs, renewable, ...lifetime(lease_duration) };
}
