import { describe, expect, it } from 'vitest';
import { createUsedCodes } from '../../../src/auth/login/login-codes.ts';
import { createTokenFileStore } from '../../../src/auth/store/token-file-store.ts';
import { Secret } from '../../../src/model/secret.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';

const storeIn = (folder: string) => createTokenFileStore(createVirtualSystem(), folder);
const code = new Secret('a-code-of-the-issuer');

describe('the codes that were sent', () => {
  it('are used once, over restarts too', async () => {
    const folder = await temporaryFolder();
    const codes = createUsedCodes(storeIn(folder), 'claude');
    expect(await codes.has(code)).toBe(false);
    expect(await codes.use(code)).toBe(true);
    expect(await codes.has(code)).toBe(true);
    expect(await codes.use(code)).toBe(false);
    expect(await createUsedCodes(storeIn(folder), 'claude').use(code)).toBe(false);
  });

  it('are used once by two logins at a time', async () => {
    const store = storeIn(await temporaryFolder());
    const uses = [createUsedCodes(store, 'claude'), createUsedCodes(store, 'claude')].map((codes) => codes.use(code));
    expect((await Promise.all(uses)).sort()).toEqual([false, true]);
  });

  it('are kept as fingerprints, the last twenty of each token', async () => {
    const store = storeIn(await temporaryFolder());
    const codes = createUsedCodes(store, 'claude');
    for (let number = 0; number <= 20; number++) await codes.use(new Secret(`code ${number}`));
    expect((await store.read('claude/codes'))?.usedCodes).toHaveLength(20);
    expect(JSON.stringify(await store.read('claude/codes'))).not.toContain('code 20');
    expect(await codes.has(new Secret('code 0'))).toBe(false);
    expect(await codes.has(new Secret('code 1'))).toBe(true);
    expect(await createUsedCodes(store, 'other').has(new Secret('code 1'))).toBe(false);
  });

  it('stay when the store is made ready for a login, and when the token itself is written', async () => {
    const store = storeIn(await temporaryFolder());
    const codes = createUsedCodes(store, 'claude');
    await codes.prepare();
    await codes.use(code);
    await codes.prepare();
    await store.write('claude', { generation: 1 });
    expect(await codes.has(code)).toBe(true);
  });
});
