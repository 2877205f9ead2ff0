import { z } from 'zod';
import type { LoginTokens, LogoutReport } from '../../auth/authorizer.ts';
import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { NoAnswer } from '../../net/control-socket.ts';
import type { System } from '../../system/system.ts';
import { type AskedToken, askAboutToken } from '../daemon-question.ts';

export interface DaemonLinePorts extends AskedToken {
  readonly system: Pick<System, 'clock'>;
  /** Who runs the command. */
  readonly user: string;
}

/**
 * What a command hands to a daemon, and asks of it, about the login to one token. Each act throws `Refused` when the
 * daemon means another token, or does not answer as it should.
 */
export interface DaemonLine {
  prepare(): Promise<object | NoAnswer>;
  codeUsed(code: Secret, aboutToBeSent: boolean): Promise<{ readonly used: boolean } | NoAnswer>;
  adopt(tokens: LoginTokens): Promise<object | NoAnswer>;
  logout(): Promise<LogoutReport | NoAnswer>;
}

const doneSchema = z.object({});
const codeSchema = z.object({ used: z.boolean() });
const logoutSchema = z
  .object({ revocation: z.enum(['revoked', 'nothing', 'unsupported', 'failed']), problem: z.string().optional() })
  .transform(({ revocation, problem }): LogoutReport => compact({ revocation, problem }));

export function createDaemonLine(ports: DaemonLinePorts): DaemonLine {
  const { user, system } = ports;
  return {
    prepare: () => askAboutToken(ports, 'prepare', {}, doneSchema),
    codeUsed: (code, aboutToBeSent) =>
      askAboutToken(ports, 'code', { code: code.reveal(), about_to_be_sent: aboutToBeSent }, codeSchema),
    adopt({ accessToken, tokenType, expiresInMs, scopes, refreshToken, dpopKey, sentAt }) {
      const handed = {
        access_token: accessToken.reveal(),
        token_type: tokenType,
        expires_in_ms: expiresInMs,
        scopes,
        refresh_token: refreshToken?.reveal(),
        dpop_key: dpopKey?.reveal(),
        age_ms: system.clock.monotonicMs() - sentAt.monotonicMs,
        by: user,
      };
      return askAboutToken(ports, 'login', handed, doneSchema);
    },
    logout: () => askAboutToken(ports, 'logout', { by: user }, logoutSchema),
  };
}
