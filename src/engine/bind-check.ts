import { compileAssertions } from '../assertions/index.ts';
import type { TokenSource } from '../auth/authorizer.ts';
import type { CheckDefinition } from '../model/check.ts';
import type { Budget } from '../net/limiter.ts';
import { probeKinds } from '../probes/index.ts';
import type { ProbePorts } from '../probes/probe.ts';
import type { Check } from './check.ts';
import { createSchedule } from './schedule.ts';

/** What a definition is bound to. Names are known to be there: validation has seen to that. */
export interface BindPorts extends ProbePorts {
  budget(name: string): Budget;
  token(name: string): TokenSource;
}

/** Binds a definition to its probe, assertions, budget and token. Throws `ProbeSpecError` where its spec cannot be used. */
export async function bindCheck(definition: CheckDefinition, ports: BindPorts): Promise<Check> {
  const kind = probeKinds.find((candidate) => candidate.kind === definition.kind);
  if (!kind) throw new RangeError(`no kind of probe is named ${definition.kind}`);
  const { name, labels, spec, schedule, token } = definition;
  return {
    definition,
    identity: {
      name,
      kind: definition.kind,
      target: kind.target(spec).display,
      labels,
      intervalMs: createSchedule(ports.system.clock, name, schedule, 0).intervalMs,
    },
    probe: await kind.bind(spec, ports),
    assertions: compileAssertions(definition.assertions),
    budget: ports.budget(definition.budget),
    ...(token !== undefined && { token: ports.token(token) }),
  };
}
