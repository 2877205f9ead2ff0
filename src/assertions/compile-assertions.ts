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
    if ('fault' in found) return context.addIssue({ code: 'custom', message: found.fault, path: found.path });
    for (const issue of found.schema.safeParse(entry).error?.issues ?? [])
      context.issues.push({ ...issue, input: entry } as z.core.$ZodRawIssue);
  })
  .meta({ oneOf: assertionKinds.map(editorSchema) });

function editorSchema({ schema }: AssertionKind): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

/** Why an entry has no kind, and at which key of it. */
interface Fault {
  readonly fault: string;
  readonly path: string[];
}

function kindOf(entry: unknown): AssertionKind | Fault {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { fault: 'expected an assertion such as `status: 200`', path: [] };
  const [kind, second] = assertionKinds.filter(({ key }) => Object.hasOwn(entry, key));
  if (!kind) {
    const path = Object.keys(entry).slice(0, 1);
    return {
      fault: `expected an assertion with one of the keys ${assertionKinds.map(({ key }) => key).join(', ')}`,
      path,
    };
  }
  if (second)
    return {
      fault: `${kind.key} and ${second.key} are two assertions: begin each with its own "-"`,
      path: [second.key],
    };
  return kind;
}

/** The most characters of an answer that a verdict quotes. */
const gotLength = 120;

/**
 * Makes the entries of `assert:`, which have been validated, ready to judge. Unless one of them is about the status, a
 * status is expected to be 2xx. `mask` takes secrets out of what a verdict quotes, before it is shortened: a secret that
 * was cut in two could no longer be found.
 */
export function compileAssertions(entries: readonly unknown[], mask: (text: string) => string): Assertion[] {
  const assertions = entries.map((entry) => {
    const kind = kindOf(entry);
    if ('fault' in kind) throw new TypeError(kind.fault);
    return { key: kind.key, compiled: kind.compile(entry) };
  });
  if (!assertions.some(({ key }) => key === statusKind.key))
    assertions.unshift({ key: statusKind.key, compiled: success() });
  return assertions.map(({ key, compiled }) => createAssertion(key, compiled, mask));
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

function createAssertion(
  assertion: string,
  { expected, judge }: CompiledAssertion,
  mask: (text: string) => string,
): Assertion {
  return (observation, wallNowMs) => {
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
