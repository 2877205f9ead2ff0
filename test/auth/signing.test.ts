import { describe, expect, it } from 'vitest';
import { createSign } from '../../src/auth/signing.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { client, request } from './issuer-lab.ts';
import { labDefinition, labIssuer } from './token-lab.ts';

const sixMinutesMs = 360_000;

describe('what is signed on a host whose clock is wrong', () => {
  it.each([sixMinutesMs, -sixMinutesMs])(
    'is refused by a certified issuer, and tells of the clock: %i ms',
    async (aheadMs) => {
      const lab = await labIssuer();
      const { issuer, system } = client(labDefinition(lab, 'lab-key'), { aheadMs });
      const { observation } = await issuer.request(...request());
      const iat = Math.floor(system.clock.wallMs() / 1000);
      expect(observation).toMatchObject({
        error: 'invalid_client',
        signed: [{ kind: 'client_assertion', iat, nbf: iat, exp: iat + 60 }],
      });
      expect(Math.abs((observation.aheadOfIssuerMs ?? 0) - aheadMs)).toBeLessThan(30_000);
    },
  );

  it.each([sixMinutesMs, -sixMinutesMs])('is taken when it is stamped with true time: %i ms', async (aheadMs) => {
    const lab = await labIssuer();
    const correctedBy = { skewMs: aheadMs, uncertaintyMs: 10, toleranceMs: 1000 };
    const { issuer } = client(labDefinition(lab, 'lab-key'), { aheadMs, correctedBy });
    expect((await issuer.request(...request())).access).toBeDefined();
  });

  it('is stamped with its own time as long as nobody knows a better one', async () => {
    const system = createVirtualSystem();
    const sign = createSign({ system, skew: () => undefined, correctsAssertions: () => true });
    const key = { key: Buffer.from('a secret of more than thirty-two characters'), algorithm: 'HS256' };
    const { stamps } = await sign({ kind: 'assertion', key, header: { typ: 'JWT' }, claims: {}, lifetimeMs: 1500 });
    const iat = system.clock.wallMs() / 1000;
    expect(stamps).toEqual({ kind: 'assertion', iat, nbf: iat, exp: iat + 2 });
  });
});
