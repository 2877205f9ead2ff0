import { z } from 'zod';
import type { LoginTokens, LogoutReport } from '../auth/authorizer.ts';
import { parseJson } from '../auth/json.ts';
import { loginIdentity } from '../auth/login-identity.ts';
import type { TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import type { Secret } from '../model/secret.ts';
import { askDaemon } from '../net/control-socket.ts';
import { socketPathOf } from '../system/state-folder.ts';
import type { System } from '../system/system.ts';
import { exitCode } from './exit-code.ts';
import { Refused } from './refused.ts';

export interface DaemonLinePorts {
  readonly system: Pick<System, 'clock'>;
  readonly stateDir: string;
  readonly definition: TokenDefinition;
  /** Who runs the command. */
  readonly user: string;
}

/**
 * What a command hands to a daemon, and asks of it, about one token. Each act is undefined when the daemon has gone, and
 * throws `Refused` when it does not answer as it should.
 */
export interface DaemonLine {
  codeUsed(code: Secret, aboutToBeSent: boolean): Promise<boolean | undefined>;
  adopt(tokens: LoginTokens): Promise<true | undefined>;
  logout(): Promise<LogoutReport | undefined>;
}

const errorSchema = z.object({ error: z.string() });
const preparedSchema = z.object({ identity: z.string() });
const codeSchema = z.object({ used: z.boolean() });
const logoutSchema = z
  .object({ revocation: z.enum(['revoked', 'nothing', 'unsupported', 'failed']), problem: z.string().optional() })
  .transform(({ revocation, problem }): LogoutReport => compact({ revocation, problem }));

/** Undefined when no daemon runs on the state folder. Throws `Refused` when one does that cannot take a login. */
export async function createDaemonLine(ports: DaemonLinePorts): Promise<DaemonLine | undefined> {
  const { definition, stateDir, user, system } = ports;
  const act = <T>(verb: string, handed: object, schema: z.ZodType<T>) => ask(ports, verb, handed, schema);

  const prepared = await act('prepare', {}, preparedSchema);
  if (!prepared) return undefined;
  if (prepared.identity !== loginIdentity(definition))
    throw new Refused(
      `The daemon that runs on ${stateDir} means another issuer, client, grant or other scopes by the token ${definition.name}: reload it, or choose its environment by --env.`,
      exitCode.wrongInput,
    );
  return {
    async codeUsed(code, aboutToBeSent) {
      const answer = await act('code', { code: code.reveal(), about_to_be_sent: aboutToBeSent }, codeSchema);
      return answer?.used;
    },
    async adopt({ accessToken, expiresInMs, scopes, refreshToken, dpopKey, sentAt }) {
      const handed = {
        access_token: accessToken.reveal(),
        expires_in_ms: expiresInMs,
        scopes,
        refresh_token: refreshToken?.reveal(),
        dpop_key: dpopKey?.reveal(),
        age_ms: system.clock.monotonicMs() - sentAt.monotonicMs,
        by: user,
      };
      return (await act('login', handed, z.object({}))) && true;
    },
    logout: () => act('logout', { by: user }, logoutSchema),
  };
}

async function ask<T>(
  { stateDir, definition: { name } }: DaemonLinePorts,
  verb: string,
  handed: object,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const daemon = `The daemon that runs on ${stateDir}`;
  const path = `/control/tokens/${name}/${verb}`;
  const answer = await askDaemon(socketPathOf(stateDir), path, handed).catch((error: Error) => {
    throw new Refused(`${daemon} cannot be asked: ${error.message}.`, exitCode.ownFailure);
  });
  if (!answer) return undefined;
  const { status, body } = answer;
  const read = status === 200 ? schema.safeParse(parseJson(body)) : undefined;
  if (read?.success) return read.data;
  const told = errorSchema.safeParse(parseJson(body)).data?.error;
  if (told !== undefined && (status === 404 || status === 409))
    throw new Refused(
      `${daemon} cannot take a login to ${name}: ${told} Reload it, or name another folder by --state-dir.`,
      exitCode.wrongInput,
    );
  if (told !== undefined) throw new Refused(`${daemon} has failed: ${told}`, exitCode.ownFailure);
  throw new Refused(`${daemon} gave no usable answer (${status}): is it another version?`, exitCode.ownFailure);
}
