import { z } from 'zod';
import type { Text } from '../model/secret.ts';

/** Schemas in whose values `${…}` references may stand. Kept apart from the schemas' metadata, which goes to editors. */
const withReferences = z.registry<Record<never, never>>();

/**
 * A string in which `${…}` references may stand: after validation such a string is replaced by a `Secret`, so its type is
 * `Text`. `fault` judges a string without a reference, and says in a few words what is wrong with it.
 */
export function text(
  description: string,
  fault: (plain: string) => string | undefined = () => undefined,
): z.ZodType<Text, string> {
  const schema = z.string().superRefine((value, context) => {
    const message = value.includes('${') ? undefined : fault(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return textsWithin(schema.describe(description));
}

/**
 * Marks a schema: `${…}` references may stand in each string of its value, however deep; keys are left out. The mark
 * outlives `optional` and `default`, but not `describe`: that makes a new schema, and goes first.
 */
export function textsWithin<Schema extends z.ZodType>(schema: Schema): Schema {
  withReferences.add(schema, {});
  return schema;
}

/** Whether `${…}` references may stand in the strings of what this schema takes. */
export function allowsReferences(schema: z.ZodType): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return allowsReferences(schema.unwrap() as z.ZodType);
  return withReferences.has(schema);
}
