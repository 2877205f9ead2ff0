import { z } from 'zod';
import type { Path } from './tree.ts';

type Json = z.core.JSONSchema.BaseSchema;

const isSchema = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** A schema and all that it offers as a choice. */
function choices(schema: Json): Json[] {
  return [schema, ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => (some ?? []).flatMap(choices))];
}

function stepInto(schema: Json, step: string | number): Json[] {
  const inner = typeof step === 'number' ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties);
  return [inner].flat().filter(isSchema).flatMap(choices);
}

/** The keys that a schema knows in the mapping at a path. Only for messages: it is slow. */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  let at = choices(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  for (const step of path) at = at.flatMap((part) => stepInto(part, step));
  return [...new Set(at.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}
