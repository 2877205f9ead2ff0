import { causes } from '../model/cause.ts';
import type { SecretStanding } from '../model/secret-standing.ts';
import type { Log } from './log.ts';

/** Logs a secret that cannot be had, once for each reason, and that it can be had again. */
export function createSecretLog(log: Log): (standing: SecretStanding) => void {
  return ({ reference, users, state, cause }) => {
    const fields = { secret: reference, users, state };
    if (!cause) return log.info(fields, `secret ${reference} can be had again`);
    const { code, detail, evidence } = cause;
    log.error({ ...fields, cause: code, blame: causes[code].blame, detail, evidence }, `${code}: ${detail}`);
  };
}
