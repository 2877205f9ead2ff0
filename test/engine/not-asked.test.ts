import { describe, expect, it } from 'vitest';
import { tokenAbsent } from '../../src/engine/not-asked.ts';
import { causeOf, causes, guidanceOf, passed, troubled } from '../../src/model/cause.ts';

const token = { name: 'claude', ageMs: 0, generation: 0 };
const causeFor = (members: object) => {
  const cause = causeOf(tokenAbsent({ ...token, ...members }));
  if (!cause) throw new Error('a run without a token has a cause');
  return cause;
};

describe('a run without a token', () => {
  it('says that the token was revoked while that waits for its successor, whoever has to act', () => {
    const cause = causeFor({ lastRun: passed, inactive: { isRevoked: true, nextInMs: 39_001 } });
    expect(cause.detail).toBe(
      'token claude is not there to be sent; its issuer says that it was revoked, and the next is asked for in 40 s',
    );
    expect(cause.evidence).toEqual({ token: 'claude', token_cause: 'token_revoked' });
    expect(guidanceOf(cause)).toMatchObject({ blame: 'issuer', action: causes.token_revoked.action });
  });

  it('says no more of one that may have expired', () => {
    const lastRun = troubled('insufficient_scope', 'it lacks a scope');
    const cause = causeFor({ lastRun, inactive: { isRevoked: false, nextInMs: 0 } });
    expect(cause.detail).toMatch(/its issuer says that it is not active any more, and the next is being asked for$/);
    expect(cause.evidence).toEqual({ token: 'claude' });
  });

  it('says how its last run ended, or that there was none', () => {
    const cause = causeFor({ lastRun: troubled('invalid_client', 'refused') });
    expect(cause.detail).toMatch(/; its last run ended in invalid_client: refused$/);
    expect(cause.evidence).toEqual({ token: 'claude', token_cause: 'invalid_client' });
    expect(causeFor({}).detail).toMatch(/; it has had no run that ended well yet$/);
  });
});
