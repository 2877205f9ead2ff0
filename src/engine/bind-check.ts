import { compileAssertions } from '../assertions/compile-assertions.ts';
import type { CheckDefinition } from '../model/check.ts';
import { probeKinds } from '../probes/index.ts';
import { type Probe, type ProbeKind, type ProbePorts, ProbeSpecError } from '../probes/probe.ts';
import type { Check } from './check.ts';
import { createSchedule } from './schedule.ts';

/** A check that lacks only its budget and token, which are attached once every check of a configuration is bound. */
export type BoundCheck = Omit<Check, 'budget' | 'token'>;

/** A check that waits for a secret is not run; a reload binds it when the secret has come. */
const unbound: Probe = () => Promise.reject(new Error('a check without its secret was run'));

/** Binds a definition to its probe and assertions. Throws `ProbeSpecError` where its spec cannot be used. */
export async function bindCheck(definition: CheckDefinition, ports: ProbePorts): Promise<BoundCheck> {
  const kind = probeKinds.find((candidate) => candidate.kind === definition.kind);
  if (!kind) throw new RangeError(`no kind of probe is named ${definition.kind}`);
  const { name, labels, schedule } = definition;
  return {
    definition,
    identity: {
      name,
      kind: kind.kind,
      target: shownTarget(kind, definition),
      labels,
      intervalMs: createSchedule(ports.system.clock, name, schedule, 0).intervalMs,
    },
    probe: definition.missingSecret ? unbound : await kind.bind(definition.spec, ports),
    assertions: compileAssertions(definition.assertions, kind.assertions),
  };
}

/** The reference where the address itself, or a part of it, has not come yet. */
function shownTarget(kind: ProbeKind, { spec, missingSecret }: CheckDefinition): string {
  try {
    return kind.target(spec).display;
  } catch (error) {
    if (missingSecret && error instanceof ProbeSpecError) return missingSecret.reference;
    throw error;
  }
}
