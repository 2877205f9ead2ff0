import type { Attempt, Grant } from '../../src/auth/grant.ts';
import { createIssuedSource } from '../../src/auth/issued-source.ts';
import { lifetimeFrom } from '../../src/auth/lifetime.ts';
import { type Outcome, passed, troubled } from '../../src/model/cause.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import type { TokenResult } from '../../src/model/result.ts';
import { Secret } from '../../src/model/secret.ts';
import type { TokenObservation } from '../../src/model/token.ts';
import { createVirtualSystem, type VirtualSystem } from '../support/virtual-system.ts';
import { definition } from './token-lab.ts';

export type Step = 'grant' | Partial<TokenObservation> | Error;

export const down: Step = { failure: { phase: 'connect', code: 'ECONNREFUSED', message: 'refused' } };
export const refused: Step = { error: 'invalid_grant', status: 400 };
export const hourMs = 3_600_000;

export interface Scripted {
  readonly system: VirtualSystem;
  readonly source: ReturnType<typeof createIssuedSource>;
  /** Monotonic times at which the grant was asked. */
  readonly askedAtMs: readonly number[];
  readonly results: readonly TokenResult[];
  /** What the grant answers from now on. */
  answer: Step;
}

/** A source whose grant answers at once, by `answer`: for laws of time alone. */
export function scripted(
  answer: Step,
  { lifeMs = hourMs, ...members }: Partial<TokenDefinition> & { lifeMs?: number } = {},
) {
  const system = createVirtualSystem();
  const askedAtMs: number[] = [];
  const results: TokenResult[] = [];
  let generation = 0;
  const received = (): Attempt => {
    generation += 1;
    const sentAt = { monotonicMs: system.clock.monotonicMs(), wallMs: system.clock.wallMs() };
    return {
      observation: { grant: 'refresh_token', endpoint: 'token', phases: { wait: 5, queue: 7 }, granted: {} },
      received: { value: new Secret(`at${generation}`), generation, lifetime: lifetimeFrom(sentAt, lifeMs) },
    };
  };
  const grant: Grant = {
    async attempt() {
      askedAtMs.push(system.clock.monotonicMs());
      const { answer: step } = lab;
      if (step instanceof Error) throw step;
      return step === 'grant' ? received() : { observation: { grant: 'refresh_token', phases: {}, ...step } };
    },
  };
  const judge = (seen: TokenObservation): Outcome => (seen.granted ? passed : troubled('issuer_unavailable', 'down'));
  const report = (result: TokenResult) => void results.push(result);
  const ports = { system, judge, report, warn: () => {} };
  const source = createIssuedSource(ports, definition({ grant: 'refresh_token', ...members }), grant);
  const lab: Scripted = { system, source, askedAtMs, results, answer };
  return lab;
}

export async function started(...options: Parameters<typeof scripted>): Promise<Scripted> {
  const lab = scripted(...options);
  lab.source.start();
  await lab.source.firstRun;
  return lab;
}
