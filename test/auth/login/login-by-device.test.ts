import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Issuer, IssuerAnswer } from '../../../src/auth/issuer.ts';
import { finishDeviceLogin } from '../../../src/auth/login/login-by-device.ts';
import { diagnoseTokenRun } from '../../../src/diagnosis/diagnose-token-run.ts';
import { causeOf } from '../../../src/model/cause.ts';
import { compact } from '../../../src/model/compact.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { TokenObservation } from '../../../src/model/token.ts';
import { type Issuer as LabIssuer, startIssuer } from '../../lab/issuer.ts';
import { approveDevice, denyDevice } from '../../lab/person.ts';
import { createVirtualSystem, settle } from '../../support/virtual-system.ts';
import { client, tokenRun } from '../issuer-lab.ts';
import { labDefinition } from '../token-lab.ts';

const secondMs = 1000;

/** An issuer that answers each poll at once, by a script; the last step holds for good. */
function scripted(
  steps: readonly ('grant' | (Partial<TokenObservation> & Pick<IssuerAnswer, 'retryAfterMs'>))[],
  intervalMs = 5 * secondMs,
) {
  const { clock } = createVirtualSystem();
  const polledAtMs: number[] = [];
  const answers = (): IssuerAnswer => {
    const step = steps[Math.min(polledAtMs.length, steps.length) - 1] ?? {};
    const observation: TokenObservation = { grant: 'device_code', phases: {} };
    if (step !== 'grant') {
      const { retryAfterMs, ...seen } = step;
      return compact({ observation: { ...observation, ...seen }, spent: 'no' as const, retryAfterMs });
    }
    const sentAt = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    return { observation, access: { type: 'bearer', value: new Secret('at') }, sentAt, spent: 'yes' };
  };
  const issuer: Pick<Issuer, 'request' | 'dpopKey'> = {
    async request() {
      polledAtMs.push(clock.monotonicMs());
      return answers();
    },
    dpopKey: async () => undefined,
  };
  const stopping = new AbortController();
  const authorization = {
    deviceCode: new Secret('device'),
    userCode: 'ABCD',
    verificationUri: 'https://a.example/device',
    expiresInMs: 60 * secondMs,
    intervalMs,
  };
  const end = finishDeviceLogin(
    { issuer, clock },
    { authorization, endsAtMs: 60 * secondMs },
    tokenRun({ stopping: stopping.signal }),
  );
  return { clock, end, polledAtMs, stopping };
}

const pending = { error: 'authorization_pending', status: 400 };
const slowDown = { error: 'slow_down', status: 400 };

describe('the polls of a device, at a scripted issuer', () => {
  it('come at the interval until the person has decided', async () => {
    const { clock, end, polledAtMs } = scripted([pending, pending, 'grant']);
    await clock.advance(15 * secondMs);
    expect(await end).toMatchObject({ kind: 'granted' });
    expect(polledAtMs).toEqual([5, 10, 15].map((second) => second * secondMs));
    expect(clock.pending()).toBe(0);
  });

  it('come five seconds later for each slow_down, for good', async () => {
    const { clock, polledAtMs } = scripted([slowDown, pending, slowDown, pending]);
    await clock.advance(60 * secondMs);
    expect(polledAtMs).toEqual([5, 15, 25, 40, 55].map((second) => second * secondMs));
  });

  it.each([
    ['that cannot be reached', { failure: { phase: 'connect', code: 'ECONNREFUSED', message: '' } } as const],
    ['that fails', { status: 503 }],
    ['that is asked too much', { status: 429 }],
    ['whose gateway puts any word beside its failure', { status: 502, error: 'expired_token' }],
  ])('come half as often at an issuer %s, and go on', async (_, step) => {
    const { clock, end, polledAtMs } = scripted([step, step, 'grant']);
    await clock.advance(35 * secondMs);
    expect(await end).toMatchObject({ kind: 'granted' });
    expect(polledAtMs).toEqual([5, 15, 35].map((second) => second * secondMs));
  });

  it('come no more often than the issuer asks, even when it cannot be reached', async () => {
    const { clock, polledAtMs } = scripted([{ status: 503 }, pending], 25 * secondMs);
    await clock.advance(60 * secondMs);
    expect(polledAtMs).toEqual([25 * secondMs]);
  });

  it.each([429, 503])('wait as long as an issuer that answers %i asks for, once', async (status) => {
    const { clock, polledAtMs } = scripted([{ status, retryAfterMs: 20 * secondMs }, pending]);
    await clock.advance(45 * secondMs);
    expect(polledAtMs).toEqual([5, 25, 35, 45].map((second) => second * secondMs));
  });

  it('come no sooner because an issuer asks for less than the interval', async () => {
    const { clock, polledAtMs } = scripted([{ ...slowDown, retryAfterMs: secondMs }, pending]);
    await clock.advance(25 * secondMs);
    expect(polledAtMs).toEqual([5, 15, 25].map((second) => second * secondMs));
  });

  it('end with the codes, whatever wait an issuer asks for', async () => {
    const { clock, end } = scripted([{ status: 503, retryAfterMs: 3600 * secondMs }]);
    await clock.advance(60 * secondMs);
    expect(await end).toEqual({ kind: 'late' });
  });

  it('end when the codes do, without another one', async () => {
    const { clock, end, polledAtMs } = scripted([pending], 25 * secondMs);
    await clock.advance(60 * secondMs);
    expect(await end).toEqual({ kind: 'late' });
    expect(polledAtMs).toEqual([25, 50].map((second) => second * secondMs));
  });

  it('end when the issuer says that the codes have', async () => {
    const { clock, end } = scripted([{ error: 'expired_token', status: 400 }]);
    await clock.advance(5 * secondMs);
    expect(await end).toEqual({ kind: 'late' });
  });

  it('end with what else the issuer says', async () => {
    const { clock, end } = scripted([{ error: 'invalid_client', status: 401 }]);
    await clock.advance(5 * secondMs);
    expect(await end).toMatchObject({ kind: 'refused', observation: { error: 'invalid_client' } });
  });

  it('end when the person ends them', async () => {
    const { clock, end, polledAtMs, stopping } = scripted([pending]);
    await clock.advance(secondMs);
    stopping.abort();
    expect(await end).toEqual({ kind: 'stopped' });
    expect(polledAtMs).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

describe('a login by device', () => {
  let lab: LabIssuer;
  beforeAll(async () => {
    lab = await startIssuer();
  });
  afterAll(() => lab.close());

  /** How it ends when the person answers so before the first poll. */
  async function end(answer: typeof approveDevice) {
    const { system, issuer } = client(labDefinition(lab, 'lab-device'));
    const authorization = await issuer.deviceAuthorization(tokenRun());
    if (!('userCode' in authorization)) throw new Error(JSON.stringify(authorization));
    await answer(lab.origin, authorization.userCode);
    const endsAtMs = authorization.expiresInMs;
    const ended = finishDeviceLogin({ issuer, clock: system.clock }, { authorization, endsAtMs }, tokenRun());
    await settle();
    await system.clock.advance(authorization.intervalMs);
    return ended;
  }

  it('brings tokens once the person has let the device in', async () => {
    const ended = await end(approveDevice);
    if (ended.kind !== 'granted') throw new Error(ended.kind);
    expect(await lab.introspect(ended.tokens.accessToken.reveal())).toMatchObject({ active: true });
    expect(ended.tokens.refreshToken).toBeDefined();
  });

  it('ends in consent_required when the person says no', async () => {
    const ended = await end(denyDevice);
    expect(ended.kind === 'refused' && causeOf(diagnoseTokenRun(ended.observation))?.code).toBe('consent_required');
  });
});
