import type { Observation } from '../model/observation.ts';

/** A body as JSON; undefined stands for a body that is none. */
type Parsed = { readonly json: unknown } | undefined;

/** Each observation's body is parsed once, however many assertions look into it. */
const parsedBodies = new WeakMap<Observation, Parsed>();

/** The body of an observation read as JSON; undefined when it is not JSON. */
export function jsonBody(observation: Observation, body: string): Parsed {
  if (!parsedBodies.has(observation)) parsedBodies.set(observation, parse(body));
  return parsedBodies.get(observation);
}

function parse(body: string): Parsed {
  try {
    return { json: JSON.parse(body) };
  } catch {
    return undefined;
  }
}
