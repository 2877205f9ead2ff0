import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { processUser } from '../../src/system/user.ts';

describe('the user of this process', () => {
  it('is told by name and number', () => {
    const { username, uid } = userInfo();
    expect(processUser()).toBe(`${username} (${uid})`);
  });
});
