import { describe, expect, it } from 'vitest';
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
});
