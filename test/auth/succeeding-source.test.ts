import { describe, expect, it } from 'vitest';
import { createSucceedingSource } from '../../src/auth/succeeding-source.ts';
import { passed, troubled } from '../../src/model/cause.ts';
import { scriptedToken } from '../support/scripted-check.ts';
import { definition } from './token-lab.ts';

const refused = troubled('invalid_client', 'the secret is wrong');

function setUp(changed = {}) {
  const [older, newer] = [scriptedToken({ lastRun: passed, generation: 7 }), scriptedToken({ lastRun: refused })];
  newer.live = false;
  const before = { definition: definition(), source: older };
  const source = createSucceedingSource(newer, definition(changed), before);
  return { older, newer, source };
}

describe('a source that takes the place of another one', () => {
  it("sends the other one's token until it has its own, and tells how its own run ended", () => {
    const { source } = setUp({ timeoutMs: 1 });
    expect(source.current()).toBeDefined();
    expect(source.authorizer()).toBeDefined();
    expect(source.view()).toMatchObject({ generation: 7, lastRun: refused });
  });

  it("never goes back to the other one's once it has had its own", () => {
    const { newer, source } = setUp();
    newer.live = true;
    expect(source.current()).toBeDefined();
    newer.live = false;
    expect(source.current()).toBeUndefined();
    expect(source.authorizer()).toBeUndefined();
  });

  it("has nothing when the other one's token has ended", () => {
    const { older, source } = setUp();
    older.live = false;
    expect(source.current()).toBeUndefined();
  });

  it('takes over nothing of another client, other scopes or another issuer', () => {
    expect(setUp({ clientId: 'another' }).source.current()).toBeUndefined();
    expect(setUp({ scopes: ['other'] }).source.current()).toBeUndefined();
    expect(setUp({ issuer: 'https://another.test' }).source.current()).toBeUndefined();
  });

  it('is as any other when there is none before it', () => {
    const newer = scriptedToken();
    const source = createSucceedingSource(newer, definition(), undefined);
    expect(source.view()).toEqual({ name: 'api', ageMs: 0, generation: 1 });
    source.suspect(1);
    expect(newer.suspected).toEqual([1]);
  });
});
