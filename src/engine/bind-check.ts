import { compileAssertions } from '../assertions/compile-assertions.ts';
import type { CheckDefinition } from '../model/check.ts';
import { probeKinds } from '../probes/index.ts';
import type { ProbePorts } from '../probes/probe.ts';
import type { Check } from './check.ts';
import { createSchedule } from './schedule.ts';

/** A check that lacks only its budget and token, which are attached once every check of a configuration is bound. */
export type BoundCheck = Omit<Check, 'budget' | 'token'>;

/** Binds a definition to its probe and assertions. Throws `ProbeSpecError` where its spec cannot be used. */
export async function bindCheck(definition: CheckDefinition, ports: ProbePorts): Promise<BoundCheck> {
  const kind = probeKinds.find((candidate) => candidate.kind === definition.kind);
  if (!kind) throw new RangeError(`no kind of probe is named ${definition.kind}`);
  const { name, labels, spec, schedule } = definition;
  return {
    definition,
    identity: {
      name,
      kind: kind.kind,
      target: kind.target(spec).display,
      labels,
      intervalMs: createSchedule(ports.system.clock, name, schedule, 0).intervalMs,
    },
    probe: await kind.bind(spec, ports),
    assertions: compileAssertions(definition.assertions, kind.assertions),
  };
}
