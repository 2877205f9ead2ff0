import { describe, expect, it } from 'vitest';
import { causes } from '../../src/model/cause.ts';
import { Secret } from '../../src/model/secret.ts';
import { TokenStoreError } from '../../src/model/token.ts';
import { settle } from '../support/virtual-system.ts';
import { down, hourMs, refused, scripted, started } from './scripted-source.ts';

const login = { accessToken: new Secret('from-login'), sentAt: { monotonicMs: 0, wallMs: 0 } };
const dayMs = 24 * hourMs;

describe('a source whose refresh token was refused, with a scripted grant', () => {
  it('says so once, with what to do, and rests', async () => {
    const lab = await started(refused);
    await lab.system.clock.advance(dayMs);
    expect(lab.askedAtMs).toHaveLength(1);
    expect(lab.warnings).toEqual([
      `Token claude is not asked for again before a login or a reload: invalid_grant, the issuer refused it. ${causes.invalid_grant.action}`,
    ]);
  });

  it('goes on at once with what a login brings, and says it anew when that is refused later', async () => {
    const lab = await started(refused);
    await lab.system.clock.advance(hourMs);
    await lab.source.adopt?.(login);
    expect(lab.source.current()).toBeDefined();
    expect(lab.results.at(-1)?.outcome.kind).toBe('passed');
    lab.answer = refused;
    await lab.system.clock.advance(dayMs);
    expect(lab.source.current()).toBeUndefined();
    expect(lab.warnings).toHaveLength(2);
  });

  it('tells when the login before stays good at the issuer', async () => {
    const lab = await started('grant');
    await lab.source.adopt?.(login);
    expect(lab.warnings).toEqual([]);
    lab.hasReplaced = true;
    await lab.source.adopt?.(login);
    expect(lab.warnings).toEqual([expect.stringMatching(/^The login to claude has replaced the one before/)]);
  });

  it('rests on when the login cannot be stored', async () => {
    const lab = await started(refused);
    lab.canStore = false;
    await expect(lab.source.adopt?.(login)).rejects.toThrow(TokenStoreError);
    await lab.system.clock.advance(dayMs);
    expect(lab.askedAtMs).toHaveLength(1);
  });
});

describe('a login, of a source with a scripted grant', () => {
  it('waits for the refresh that is under way, and is followed by no other one', async () => {
    const lab = await started('grant', { refresh: { everyMs: 60_000 } });
    const order: string[] = [];
    lab.source.suspect(1);
    const adopted = lab.source.adopt?.(login).then(() => order.push(`adopted ${lab.results.length}`));
    await adopted;
    expect(order).toEqual(['adopted 3']);
    await lab.system.clock.advance(59_999);
    expect(lab.askedAtMs).toHaveLength(3);
  });

  it('waits for the start of the source: until then another one may have the family under way', async () => {
    const lab = scripted(down);
    const adopted = lab.source.adopt?.(login);
    await lab.system.clock.advance(hourMs);
    expect(lab.results).toEqual([]);
    lab.source.start();
    await adopted;
    expect(lab.source.current()).toBeDefined();
  });

  it('that comes while the source ends is stored before it has ended, for the one that takes its place', async () => {
    const lab = await started('grant');
    lab.source.suspect(1);
    const adopted = lab.source.adopt?.(login);
    await lab.source.stop();
    expect(lab.results).toHaveLength(3);
    await adopted;
  });

  it('is refused by a source that ends before it began', async () => {
    const lab = scripted('grant');
    const refusal = expect(lab.source.adopt?.(login)).rejects.toThrow(/^Token claude was being replaced or ended/);
    await lab.source.stop();
    await refusal;
    expect(lab.askedAtMs).toEqual([]);
  });

  it('is refused by a source that has ended, and so is a logout', async () => {
    const lab = await started('grant');
    await lab.source.stop();
    await expect(lab.source.adopt?.(login)).rejects.toThrow(TokenStoreError);
    await expect(lab.source.logout?.()).rejects.toThrow(TokenStoreError);
  });
});

describe('a logout, of a source with a scripted grant', () => {
  it('takes the token away at once, and nothing is asked for after', async () => {
    const lab = await started('grant');
    const report = lab.source.logout?.();
    expect(lab.source.current()).toBeUndefined();
    expect(await report).toEqual({ revocation: 'revoked' });
    await lab.system.clock.advance(dayMs);
    expect(lab.source.current()).toBeUndefined();
    expect(lab.observations.at(-1)).toMatchObject({ refreshToken: 'logged_out' });
    expect(lab.results).toHaveLength(2);
  });

  it('is followed by a login as if nothing had been', async () => {
    const lab = await started('grant');
    await lab.source.logout?.();
    await lab.source.adopt?.(login);
    expect(lab.source.current()).toBeDefined();
  });

  it('that cannot be stored takes the token away as well', async () => {
    const lab = await started('grant');
    lab.canStore = false;
    await expect(lab.source.logout?.()).rejects.toThrow('The disk is full.');
    expect(lab.source.current()).toBeUndefined();
  });
});

describe('an access token that no refresh can follow, of a source with a scripted grant', () => {
  it('is used until it ends, and only then is the issuer asked', async () => {
    const lab = await started('unrenewable', { refresh: { everyMs: 60_000 } });
    lab.answer = { refreshToken: 'absent' };
    await lab.system.clock.advance(hourMs - 1);
    expect(lab.source.current()).toBeDefined();
    expect(lab.askedAtMs).toHaveLength(1);
    await lab.system.clock.advance(1);
    expect(lab.source.current()).toBeUndefined();
    await lab.system.clock.advance(dayMs);
    expect(lab.askedAtMs).toHaveLength(2);
    expect(lab.warnings).toHaveLength(1);
  });

  it('is not refreshed when a target refuses it, but for one that is known dead', async () => {
    const lab = await started('unrenewable', { introspect: true });
    lab.answer = { refreshToken: 'absent' };
    expect(await lab.source.suspect(1)).toBe('unknown');
    await settle();
    expect(lab.askedAtMs).toHaveLength(1);
    lab.introspect = async () => 'inactive';
    await lab.system.clock.advance(60_000);
    expect(await lab.source.suspect(1)).toBe('revoked');
    await settle();
    expect(lab.askedAtMs).toHaveLength(2);
    expect(lab.source.current()).toBeUndefined();
  });
});

describe('a token that lacks scopes, of a source with a scripted grant', () => {
  it('is told at each refresh, sent all the same, and refreshed as any other', async () => {
    const lab = await started('grant', { scopes: ['a', 'b'], granted: ['a'], neededScopes: { orders: ['c'] } });
    const missingScopes = { asked: ['b'], byCheck: { orders: ['c'] } };
    expect(lab.observations[0]).toMatchObject({ granted: {}, missingScopes });
    expect(lab.source.current()).toMatchObject({ scopes: ['a'] });
    await lab.system.clock.advance(48 * 60_000);
    expect(lab.askedAtMs).toHaveLength(2);
    expect(lab.observations[1]).toMatchObject({ missingScopes });
    expect(lab.source.current()?.generation).toBe(2);
  });
});
