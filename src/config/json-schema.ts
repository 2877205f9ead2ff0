import { z } from 'zod';
import { assertionSchema } from '../assertions/compile-assertions.ts';
import type { ProbeKind } from '../probes/probe.ts';
import { ownAssertions } from './check-assertions.ts';
import { checkSchema } from './check-schema.ts';
import type { sections } from './environment.ts';
import { namePattern } from './fields.ts';
import {
  budgetSchema,
  clockSchema,
  defaultsSchema,
  keepRunsSchema,
  metricsSchema,
  plaintextSchema,
  serverSchema,
  shutdownGraceSchema,
  stateDirSchema,
} from './sections.ts';
import { stateEncryptionSchema } from './state-encryption.ts';
import { tokenSchema } from './tokens/token-schema.ts';
import { vaultSchema } from './vault.ts';

type Json = { readonly [key: string]: unknown };

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function jsonOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return json;
}

/** A schema in which each part, the whole last, is what `change` makes of it. */
function mapSchema(schema: unknown, change: (part: Json) => Json): unknown {
  if (Array.isArray(schema)) return schema.map((part) => mapSchema(part, change));
  if (!isJson(schema)) return schema;
  return change(Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, mapSchema(part, change)])));
}

/** What is missing in one file may stand in an environment, so an editor cannot tell. */
const withoutRequired = (schema: Json) =>
  mapSchema(schema, (part) => {
    const { required, ...rest } = part;
    return Array.isArray(required) ? rest : part;
  }) as Json;

const reference = { type: 'string', pattern: String.raw`\$\{` };

/** Wherever a text has to have a certain form, a reference will do. */
const orReference = (schema: Json) =>
  mapSchema(schema, (part) => {
    if (part.type !== 'string' || !('pattern' in part || 'enum' in part)) return part;
    const { description, ...form } = part;
    return { ...(description !== undefined && { description }), anyOf: [form, reference] };
  }) as Json;

/** An environment takes a key away by `~`; an editor cannot tell what is laid over what. */
function orTakenAway(schema: Json): Json {
  const { anyOf, properties } = schema;
  const deeper = (part: unknown) => (isJson(part) ? orTakenAway(part) : part);
  const either = (part: unknown): unknown => {
    const { type, description, ...form } = deeper(part) as Json;
    if (typeof type === 'string' && !('enum' in form)) return { ...(part as Json), ...form, type: [type, 'null'] };
    return {
      ...(description !== undefined && { description }),
      anyOf: [{ ...(type !== undefined && { type }), ...form }, { type: 'null' }],
    };
  };
  return {
    ...schema,
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map(deeper) }),
    ...(isJson(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, either(part)])),
    }),
  };
}

/** A section may stand there without content. */
const orEmpty = (schema: Json): Json => ({ ...schema, type: [schema.type, 'null'] });

const named = (description: string, entry: string): Json =>
  orEmpty({
    type: 'object',
    description,
    propertyNames: { pattern: namePattern.source },
    additionalProperties: { anyOf: [{ $ref: `#/definitions/${entry}` }, { type: 'null' }] },
  });

/** A kind is given by a mapping, or by the value of its main key alone. */
function kindSchema({ mainKey, schema }: ProbeKind): Json {
  const json = withoutRequired(jsonOf(schema));
  const { properties } = json;
  const main = isJson(properties) ? properties[mainKey] : {};
  return { anyOf: [main, json] };
}

function checkEntry(kinds: readonly ProbeKind[]): Json {
  const { properties, ...json } = withoutRequired(jsonOf(checkSchema));
  const names = kinds.map(({ kind }) => kind);
  const rivals = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other]));
  return {
    ...json,
    properties: {
      ...(isJson(properties) && properties),
      assert: {
        type: 'array',
        description: 'What is expected of the answer. Without it: a status of 2xx.',
        items: jsonOf(assertionSchema(ownAssertions(kinds))),
      },
      ...Object.fromEntries(kinds.map((kind) => [kind.kind, kindSchema(kind)])),
    },
    allOf: [['every', 'cron'], ...rivals].map((required) => ({ not: { required } })),
  };
}

/**
 * The JSON Schema (draft 7, which editors' YAML language servers know best) of one configuration file. It accepts all
 * that loads; what needs a look at other keys or files, such as a missing name, only `sonde validate` finds.
 */
export function createJsonSchema(kinds: readonly ProbeKind[]): Json {
  const properties: Record<(typeof sections)[number], Json> = {
    server: orEmpty(jsonOf(serverSchema)),
    state_dir: orEmpty(jsonOf(stateDirSchema)),
    state_encryption: orEmpty(orReference(withoutRequired(jsonOf(stateEncryptionSchema)))),
    keep_runs: orEmpty(jsonOf(keepRunsSchema)),
    shutdown_grace: orEmpty(jsonOf(shutdownGraceSchema)),
    defaults: orEmpty(jsonOf(defaultsSchema)),
    budgets: named('The shared rate limiter: named token buckets.', 'budget'),
    clock: orEmpty(jsonOf(clockSchema)),
    metrics: orEmpty(jsonOf(metricsSchema)),
    allow_plaintext_secrets: orEmpty(jsonOf(plaintextSchema)),
    vault: orEmpty(orTakenAway(orReference(withoutRequired(jsonOf(vaultSchema))))),
    tokens: named('Where access tokens come from.', 'token'),
    checks: named('What is asked, how often, and what is expected.', 'check'),
  };
  const content = { type: 'object', properties, additionalProperties: false };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'sonde',
    description: 'The configuration of sonde.',
    ...content,
    properties: {
      ...properties,
      environments: named('What differs in an environment; --env NAME picks one.', 'environment'),
    },
    definitions: {
      environment: orEmpty(content),
      budget: orTakenAway(withoutRequired(jsonOf(budgetSchema))),
      token: orTakenAway(orReference(withoutRequired(jsonOf(tokenSchema)))),
      check: orTakenAway(checkEntry(kinds)),
    },
  };
}
