import { z } from 'zod';
import { parseJson } from '../auth/json.ts';
import { loginIdentity } from '../auth/login/login-identity.ts';
import type { TokenDefinition } from '../model/check.ts';
import { askDaemon, type NoAnswer } from '../net/control-socket.ts';
import { socketPathOf } from '../system/state-folder.ts';
import { exitCode } from './exit-code.ts';
import { Refused } from './refused.ts';

/** The token that a daemon is asked about, by the configuration of the command. */
export interface AskedToken {
  readonly stateDir: string;
  readonly definition: TokenDefinition;
}

const errorSchema = z.object({ error: z.string() });

/**
 * Has the daemon of a state folder act on a token, provided that it means the same by it as this command does. Throws
 * `Refused` when it does not, or does not answer as it should.
 */
export async function askAboutToken<T>(
  { stateDir, definition }: AskedToken,
  verb: string,
  handed: object,
  schema: z.ZodType<T>,
): Promise<T | NoAnswer> {
  const { name } = definition;
  const daemon = `The daemon that runs on ${stateDir}`;
  const asked = { ...handed, identity: loginIdentity(definition) };
  const path = `/control/tokens/${name}/${verb}`;
  const answer = await askDaemon(socketPathOf(stateDir), path, asked).catch((error: Error) => {
    throw new Refused(`${daemon} cannot be asked: ${error.message}.`, exitCode.ownFailure);
  });
  if (typeof answer === 'string') return answer;
  const { status, body } = answer;
  const read = status === 200 ? schema.safeParse(parseJson(body)) : undefined;
  if (read?.success) return read.data;
  const told = errorSchema.safeParse(parseJson(body)).data?.error;
  if (told === undefined)
    throw new Refused(`${daemon} gave no usable answer (${status}): is it another version?`, exitCode.ownFailure);
  if (status === 412)
    throw new Refused(
      `${daemon} means another issuer, client, grant or other scopes by the token ${name}, or asks for something else with it: reload it, or choose its environment by --env.`,
      exitCode.wrongInput,
    );
  if (status === 404 || status === 409)
    throw new Refused(
      `${daemon} is of no use for ${name}: ${told} Reload it, or name another folder by --state-dir.`,
      exitCode.wrongInput,
    );
  throw new Refused(`${daemon} has failed: ${told}`, exitCode.ownFailure);
}
