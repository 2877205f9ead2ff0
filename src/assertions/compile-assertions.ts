import { z } from 'zod';
import type { Assertion } from './assertion.ts';
import type { AssertionKind, CompiledAssertion } from './assertion-kind.ts';
import { bodyKind } from './body.ts';
import { certificateKind } from './certificate.ts';
import { createEffort, EffortExceeded } from './effort.ts';
import { headerKind } from './header.ts';
import { jsonKind } from './json.ts';
import { latencyKind } from './latency.ts';
import { statusKind } from './status.ts';

/** All kinds of assertion, each with the key by which an entry of `assert:` says that it is one. */
export const assertionKinds: readonly AssertionKind[] = [
  statusKind,
  headerKind,
  bodyKind,
  jsonKind,
  latencyKind,
  certificateKind,
];

/**
 * One entry of `assert:`. It finds the kind by its key, and then that kind's schema alone speaks: a union would give one
 * error without a path. To editors it is the choice of all kinds.
 */
export const assertionSchema = z
  .unknown()
  .superRefine((entry, context) => {
    const found = kindOf(entry);
    if ('code' in found) return void context.issues.push(found);
    // Issues without words of their own are worded by whoever parses.
    const { error } = found.schema.safeParse(entry, { error: () => '', reportInput: true });
    for (const issue of error?.issues ?? []) context.issues.push(issue as z.core.$ZodRawIssue);
  })
  .meta({ oneOf: assertionKinds.map(editorSchema) });

function editorSchema({ schema }: AssertionKind): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

/** The kind of an entry, or why it has none. */
function kindOf(input: unknown): AssertionKind | z.core.$ZodRawIssue {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { code: 'custom', message: 'expected an assertion such as `status: 200`', input };
  const found = assertionKinds.filter(({ key }) => Object.hasOwn(input, key));
  const [kind] = found;
  if (kind && found.length === 1) return kind;
  const names = (kinds: readonly AssertionKind[], between: string) => kinds.map(({ key }) => key).join(between);
  if (kind)
    return { code: 'custom', message: `${names(found, ' and ')} are separate: begin each with its own "-"`, input };
  const keys = Object.keys(input);
  if (keys.length > 0) return { code: 'unrecognized_keys', keys, input } as z.core.$ZodRawIssue;
  return { code: 'custom', message: `expected one of ${names(assertionKinds, ', ')}`, input };
}

/** The most characters of an answer that a verdict quotes. */
const gotLength = 120;

/**
 * Makes the entries of `assert:`, which have been validated, ready to judge. Unless one of them is about the status, a
 * status is expected to be 2xx.
 */
export function compileAssertions(entries: readonly unknown[]): Assertion[] {
  const assertions = entries.map((entry) => {
    const kind = kindOf(entry);
    if ('code' in kind) throw new TypeError('an assertion was not validated');
    return { key: kind.key, compiled: kind.compile(entry) };
  });
  if (!assertions.some(({ key }) => key === statusKind.key))
    assertions.unshift({ key: statusKind.key, compiled: success() });
  return assertions.map(({ key, compiled }) => createAssertion(key, compiled));
}

/** What is expected of a status that no assertion speaks of. What has no status by nature is not blamed for that. */
function success(): CompiledAssertion {
  const { expected, judge } = statusKind.compile({ status: '2xx' });
  return {
    expected,
    judge: (observation, wallNowMs, effort) =>
      observation.facts.status === undefined && !observation.failure
        ? { holds: true, got: 'no status' }
        : judge(observation, wallNowMs, effort),
  };
}

function createAssertion(assertion: string, { expected, judge }: CompiledAssertion): Assertion {
  return (observation, wallNowMs, mask) => {
    try {
      const { holds, got } = judge(observation, wallNowMs, createEffort());
      return { assertion, holds, expected, got: shorten(mask(got)) };
    } catch (error) {
      if (!(error instanceof EffortExceeded)) throw error;
      return { assertion, holds: false, expected, got: error.message };
    }
  };
}

/** On one line, without what steers a terminal. */
function shorten(text: string): string {
  const characters = Array.from(text.replace(/[\p{Cc}\p{Cf}]+/gu, ' '));
  return characters.length <= gotLength ? characters.join('') : `${characters.slice(0, gotLength - 1).join('')}…`;
}
