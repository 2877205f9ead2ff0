import type { Assertion } from '../assertions/assertion.ts';
import type { TokenSource } from '../auth/authorizer.ts';
import type { CheckDefinition } from '../model/check.ts';
import type { CheckIdentity } from '../model/result.ts';
import type { Budget } from '../net/limiter.ts';
import type { Probe } from '../probes/probe.ts';

/** A check definition bound to what it runs with. */
export interface Check {
  readonly definition: CheckDefinition;
  readonly identity: CheckIdentity;
  readonly probe: Probe;
  readonly assertions: readonly Assertion[];
  readonly budget: Budget;
  /** Present when the check has a `token:`. */
  readonly token?: TokenSource;
}
