import type { HeldSource } from './assembly.ts';
import { createUsedCodes } from './auth/login/login-codes.ts';
import { loginIdentity } from './auth/login/login-identity.ts';
import type { Audit } from './model/audit.ts';
import type { TokenStore } from './model/token.ts';
import type { Clock } from './system/clock.ts';
import type { LoginDesk } from './web/views.ts';

export interface LoginDeskPorts {
  readonly clock: Clock;
  readonly store: TokenStore;
  readonly audit: Audit;
}

/** Where commands hand over what a login to one of the daemon's tokens brought, and end it again. */
export function loginDesk(
  held: readonly HeldSource[],
  name: string,
  { clock, store, audit }: LoginDeskPorts,
): LoginDesk | 'unknown' | 'no login' {
  const found = held.find(({ definition }) => definition.name === name);
  if (!found) return 'unknown';
  const { definition, source } = found;
  const { adopt, logout } = source;
  if (!adopt || !logout) return 'no login';
  const codes = createUsedCodes(store, name);
  /** Notes how it ended, whichever way. */
  const audited = async <T>(event: 'login' | 'logout', by: string, act: () => Promise<T>): Promise<T> => {
    const line = (outcome: 'done' | 'failed') => audit(event, { who: [by], token: name, outcome });
    try {
      const result = await act();
      line('done');
      return result;
    } catch (error) {
      line('failed');
      throw error;
    }
  };
  return {
    identity: loginIdentity(definition),
    prepare: codes.prepare,
    codeUsed: async (code, aboutToBeSent) => (aboutToBeSent ? !(await codes.use(code)) : codes.has(code)),
    adopt: ({ ageMs, by, ...tokens }) =>
      audited('login', by, () => {
        const sentAt = { monotonicMs: clock.monotonicMs() - ageMs, wallMs: clock.wallMs() - ageMs };
        return adopt({ ...tokens, sentAt });
      }),
    logout: (by) => audited('logout', by, logout),
  };
}
