import type { Attempt, Grant } from '../../src/auth/grants/grant.ts';
import type { Issuer, TokenRun } from '../../src/auth/issuer.ts';
import { createBearer } from '../../src/auth/presentation/bearer.ts';
import { createIssuedSource } from '../../src/auth/source/issued-source.ts';
import { lifetimeFrom } from '../../src/auth/source/lifetime.ts';
import { type Outcome, passed, troubled } from '../../src/model/cause.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import type { TokenResult } from '../../src/model/result.ts';
import { Secret } from '../../src/model/secret.ts';
import { type TokenObservation, TokenStoreError } from '../../src/model/token.ts';
import { createVirtualSystem, type VirtualSystem } from '../support/virtual-system.ts';
import { definition } from './token-lab.ts';

/** `unrenewable`: an access token alone. */
export type Step = 'grant' | 'unrenewable' | Partial<TokenObservation> | Error;

export const down: Step = { failure: { phase: 'connect', code: 'ECONNREFUSED', message: 'refused' } };
export const refused: Step = { error: 'invalid_grant', status: 400 };
export const hourMs = 3_600_000;

/** What a source needs of an issuer beside its grant: bearers, and no introspection. */
export const keeper: Pick<Issuer, 'authorizer' | 'introspect'> = {
  authorizer: (token) => createBearer(token, { sendTo: [] }),
  introspect: async () => 'unknown',
};

export interface Scripted {
  readonly system: VirtualSystem;
  readonly source: ReturnType<typeof createIssuedSource>;
  /** Monotonic times at which the grant was asked. */
  readonly askedAtMs: readonly number[];
  readonly results: readonly TokenResult[];
  readonly observations: readonly TokenObservation[];
  readonly warnings: readonly string[];
  /** The tokens that the issuer was asked about. */
  readonly inquiries: readonly string[];
  /** What the grant answers from now on. */
  answer: Step;
  /** Settles before the grant answers. */
  answering: Promise<void>;
  /** What the issuer says of a token. */
  introspect: (run: TokenRun, token: Secret) => ReturnType<Issuer['introspect']>;
  /** Whether a login replaces a refresh token. */
  hasReplaced: boolean;
  /** Whether a login and a logout can be stored. */
  canStore: boolean;
}

type ScriptedOptions = Partial<TokenDefinition> & {
  readonly lifeMs?: number;
  readonly scopes?: readonly string[];
  readonly granted?: readonly string[];
};

/** A source whose grant answers at once, by `answer`: for laws of time alone. */
export function scripted(answer: Step, { lifeMs = hourMs, granted, ...members }: ScriptedOptions = {}) {
  const system = createVirtualSystem();
  const askedAtMs: number[] = [];
  const results: TokenResult[] = [];
  const observations: TokenObservation[] = [];
  const warnings: string[] = [];
  const inquiries: string[] = [];
  let generation = 0;
  const received = (renewable: boolean): Attempt => {
    generation += 1;
    const sentAt = { monotonicMs: system.clock.monotonicMs(), wallMs: system.clock.wallMs() };
    return {
      observation: { grant: 'refresh_token', endpoint: 'token', phases: { wait: 5, queue: 7 }, granted: {} },
      received: {
        value: new Secret(`at${generation}`),
        generation,
        lifetime: lifetimeFrom(sentAt, lifeMs),
        renewable,
        ...(granted && { scopes: granted }),
      },
    };
  };
  const store = () => {
    if (!lab.canStore) throw new TokenStoreError('The disk is full.');
  };
  const grant: Grant = {
    async attempt() {
      askedAtMs.push(system.clock.monotonicMs());
      await lab.answering;
      const { answer: step } = lab;
      if (step instanceof Error) throw step;
      if (step === 'grant' || step === 'unrenewable') return received(step === 'grant');
      return { observation: { grant: 'refresh_token', phases: {}, ...step } };
    },
    async adopt() {
      store();
      lab.answer = 'grant';
      return lab.hasReplaced;
    },
    async logout() {
      lab.answer = { refreshToken: 'logged_out' };
      store();
      return { revocation: 'revoked' };
    },
  };
  const judge = (seen: TokenObservation): Outcome => {
    observations.push(seen);
    if (seen.missingScopes) return troubled('insufficient_scope', 'it lacks a scope');
    if (seen.granted) return passed;
    return seen.error === 'invalid_grant'
      ? troubled('invalid_grant', 'the issuer refused it')
      : troubled('issuer_unavailable', 'down');
  };
  const report = (result: TokenResult) => void results.push(result);
  const warn = (sentence: string) => void warnings.push(sentence);
  const ports = { system, skew: () => undefined, judge, report, warn, tellRest: warn };
  const issuer: typeof keeper = {
    ...keeper,
    introspect(run, token) {
      inquiries.push(token.reveal());
      return lab.introspect(run, token);
    },
  };
  const source = createIssuedSource(ports, definition({ grant: 'refresh_token', ...members }), grant, issuer);
  const lab: Scripted = {
    system,
    source,
    askedAtMs,
    results,
    observations,
    warnings,
    inquiries,
    answer,
    answering: Promise.resolve(),
    introspect: async () => 'unknown',
    hasReplaced: false,
    canStore: true,
  };
  return lab;
}

export async function started(...options: Parameters<typeof scripted>): Promise<Scripted> {
  const lab = scripted(...options);
  lab.source.start();
  await lab.source.firstRun;
  return lab;
}
