import type { Assertion } from '../../src/assertions/assertion.ts';
import type { TokenSource } from '../../src/auth/authorizer.ts';
import type { Check } from '../../src/engine/check.ts';
import type { CheckDefinition } from '../../src/model/check.ts';
import type { Observation } from '../../src/model/observation.ts';
import { Secret } from '../../src/model/secret.ts';
import type { AccessToken, TokenView } from '../../src/model/token.ts';
import { type Budget, createBudget } from '../../src/net/limiter.ts';
import type { Probe, RunContext } from '../../src/probes/probe.ts';
import type { Clock } from '../../src/system/clock.ts';

/** An answer of 200 that took 20 ms. */
export const answered: Observation = { phases: { connect: 5, wait: 15 }, facts: { status: 200 } };

/** An observation of an answer with this status. */
export const answeredWith = (status: number): Observation => ({ ...answered, facts: { status } });

/** Holds when the status is 200, as the implicit assertion does. */
const statusIs200: Assertion = ({ facts }) => ({
  assertion: 'status',
  holds: facts.status === undefined || facts.status === 200,
  expected: 'status 200',
  got: String(facts.status),
});

/** A budget that never makes anyone wait. */
const wideBudget = (clock: Clock): Budget =>
  createBudget(clock, { name: 'wide', ratePerSecond: 1e6, burst: 1e6, reserveForTokens: 0 });

interface ScriptedParts {
  readonly definition?: Partial<CheckDefinition>;
  readonly budget?: Budget;
  readonly token?: TokenSource;
}

/** A check whose probe does what the test says, after taking one permit. */
export function scriptedCheck(
  clock: Clock,
  ask: (context: RunContext) => Observation | Promise<Observation>,
  { definition, budget = wideBudget(clock), token }: ScriptedParts = {},
): Check {
  const probe: Probe = async (context) => {
    (await context.permit()).spend();
    return ask(context);
  };
  const full: CheckDefinition = {
    name: 'check',
    kind: 'scripted',
    schedule: { everyMs: 1000 },
    timeoutMs: 500,
    budget: budget.name,
    confirm: 1,
    trace: true,
    allowHttp: false,
    labels: {},
    spec: {},
    assertions: [],
    place: { file: 'test.yaml', line: 1, column: 1 },
    placeOf: () => full.place,
    ...definition,
  };
  const identity = { name: full.name, kind: full.kind, target: 'scripted', labels: {}, intervalMs: 1000 };
  return { definition: full, identity, probe, assertions: [statusIs200], budget, ...(token && { token }) };
}

/** A token source whose state a test sets by hand. */
export interface ScriptedToken extends TokenSource {
  live: boolean;
  suspected: number;
  endFirstRun(): void;
}

export function scriptedToken(view: Partial<TokenView> = {}): ScriptedToken {
  const { promise, resolve } = Promise.withResolvers<void>();
  const value: AccessToken = { value: new Secret('at-live'), obtainedAtMs: 0, generation: 1 };
  const source: ScriptedToken = {
    name: 'api',
    live: true,
    suspected: 0,
    firstRun: promise,
    endFirstRun: resolve,
    current: () => (source.live ? value : undefined),
    authorizer: () => (source.live ? { headersFor: () => ({ authorization: 'Bearer at-live' }) } : undefined),
    view: () => ({ name: 'api', ageMs: 0, generation: 1, ...view }),
    suspect: () => {
      source.suspected++;
    },
    start() {},
    stop: () => Promise.resolve(),
  };
  return source;
}
