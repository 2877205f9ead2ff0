import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { createSign } from '../../../src/auth/issuer/signing.ts';
import { diagnoseTokenRun } from '../../../src/diagnosis/diagnose-token-run.ts';
import { causeOf } from '../../../src/model/cause.ts';
import type { TokenDefinition } from '../../../src/model/check.ts';
import { Secret } from '../../../src/model/secret.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';
import { client, granted, request, tokenRun } from '../issuer-lab.ts';
import { type Answer, type ScriptedIssuer, scriptedIssuer } from '../scripted-issuer.ts';
import { definition, labDefinition, labIssuer } from '../token-lab.ts';

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

describe('what is signed for a request that waits for its permit', () => {
  const proved = { clientAuth: 'client_secret_jwt', clientSecret: new Secret('s3cret'), dpop: { algorithm: 'ES256' } };
  const slow = async (answer: Answer) => {
    const { origin, requests } = await scriptedIssuer(() => answer);
    const wanted = definition({ endpoints: { token: `${origin}/token` }, ...proved } as Partial<TokenDefinition>);
    return { requests, ...client(wanted, { ratePerSecond: 1 / 30, burst: 1 }) };
  };
  const stampsOf = ({ headers, form }: ScriptedIssuer['requests'][number]) =>
    [String(headers.dpop), form.client_assertion ?? ''].map((jwt) => decodeJwt(jwt).iat);

  it('is stamped when it is sent, however long that wait was', async () => {
    const { requests, issuer, system } = await slow({ body: granted });
    await issuer.request(...request());
    const answer = issuer.request(...request());
    await system.clock.advance(30_000);
    const { sentAt, observation } = await answer;
    const sentSeconds = Math.floor((sentAt?.wallMs ?? 0) / 1000);
    expect(requests.slice(1).map(stampsOf)).toEqual([[sentSeconds, sentSeconds]]);
    expect(observation.signed?.map(({ iat }) => iat)).toEqual([sentSeconds, sentSeconds]);
  });

  it('is no clock_skew when it is refused then', async () => {
    const { issuer, system } = await slow({ status: 401, body: { error: 'invalid_client' } });
    await issuer.request(...request());
    system.clock.stepWall(Date.now() - system.clock.wallMs() - 30_000);
    const answer = issuer.request(...request());
    await system.clock.advance(30_000);
    expect(causeOf(diagnoseTokenRun((await answer).observation))?.code).toBe('invalid_client');
  });

  it('follows what the caller notes before the token is sent, and gives the permit back where that fails', async () => {
    const { requests, issuer, system } = await slow({ body: granted });
    const notedAtMs: number[] = [];
    const refresh = (beforeSending: () => Promise<void>) =>
      issuer.request(tokenRun(), { grant: 'refresh_token', refreshToken: new Secret('rt'), beforeSending });
    await expect(refresh(() => Promise.reject(new TypeError('full')))).rejects.toThrow('full');
    expect(requests).toHaveLength(0);
    const note = async () => {
      notedAtMs.push(system.clock.monotonicMs());
    };
    await refresh(note);
    const second = refresh(note);
    await system.clock.advance(30_000);
    await second;
    expect(notedAtMs).toEqual([0, 30_000]);
  });
});
