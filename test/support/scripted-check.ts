import type { Assertion } from '../../src/assertions/assertion.ts';
import type { Authorizer, TokenSource } from '../../src/auth/authorizer.ts';
import type { Check } from '../../src/engine/check.ts';
import type { CheckDefinition } from '../../src/model/check.ts';
import type { Observation } from '../../src/model/observation.ts';
import { Secret } from '../../src/model/secret.ts';
import type { AccessToken, Standing, TokenView } from '../../src/model/token.ts';
import { type Budget, createBudget } from '../../src/net/limiter.ts';
import type { Probe, RunContext } from '../../src/probes/probe.ts';
import type { Clock } from '../../src/system/clock.ts';

/** An answer of 200 that took 20 ms. */
export const answered: Observation = { phases: { connect: 5, wait: 15 }, facts: { status: 200 } };

/** An observation of an answer with this status. */
export const answeredWith = (status: number): Observation => ({ ...answered, facts: { status } });

/** Sends the token of its run to the target, which answers with this status. */
export const withToken = (status: number) => async (context: RunContext) => {
  const request = { url: new URL('https://api.test'), method: 'GET' };
  await context.authorize(request);
  context.heard(request, { status, headers: {} });
  return answeredWith(status);
};

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
    needsScopes: [],
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

const bearer: Authorizer = {
  authorize: () => ({ headers: { authorization: 'Bearer at-live' } }),
  heard: () => 'done',
};

/** A token source whose state a test sets by hand. */
export interface ScriptedToken extends TokenSource {
  live: boolean;
  /** Of the tokens that a target refused. */
  readonly suspected: number[];
  /** What its issuer says of a token that is suspected. */
  standing: Standing;
  endFirstRun(): void;
}

export function scriptedToken(view: Partial<TokenView> = {}, authorizer: Authorizer = bearer): ScriptedToken {
  const { promise, resolve } = Promise.withResolvers<void>();
  const value: AccessToken = { value: new Secret('at-live'), obtainedAtMs: 0, generation: 1 };
  const source: ScriptedToken = {
    name: 'api',
    live: true,
    suspected: [],
    standing: 'unknown',
    firstRun: promise,
    endFirstRun: resolve,
    current: () => (source.live ? value : undefined),
    authorizer: () => (source.live ? authorizer : undefined),
    view: () => ({ name: 'api', ageMs: 0, generation: 1, ...view }),
    suspect: async (generation) => {
      source.suspected.push(generation);
      return source.standing;
    },
    start() {},
    stop: () => Promise.resolve(),
  };
  return source;
}
