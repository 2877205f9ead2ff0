import { z } from 'zod';
import type { Assertion } from './assertion.ts';
import { type AssertionKind, type CompiledAssertion, quotedLength } from './assertion-kind.ts';
import { bodyKind } from './body.ts';
import { certificateKind } from './certificate.ts';
import { createEffort, EffortExceeded } from './effort.ts';
import { headerKind } from './header.ts';
import { jsonKind } from './json.ts';
import { latencyKind } from './latency.ts';
import { statusKind } from './status.ts';

/** The assertions that every kind of probe takes. */
const commonKinds: readonly AssertionKind[] = [
  statusKind,
  headerKind,
  bodyKind,
  jsonKind,
  latencyKind,
  certificateKind,
];

/**
 * All kinds of assertion that a check may have, each with the key by which an entry of `assert:` says that it is one;
 * `own` are those of its kind of probe.
 */
export function assertionKinds(own: readonly AssertionKind[] = []): readonly AssertionKind[] {
  return [...commonKinds, ...own];
}

/**
 * One entry of `assert:`, for editors: the choice of all kinds. To validate, find the kind by its key and use that kind's
 * schema, for a choice gives one error without a path.
 */
export function assertionSchema(own: readonly AssertionKind[] = []): z.ZodType {
  return z.union(assertionKinds(own).map(({ schema }) => schema));
}

function kindOf(entry: unknown, own: readonly AssertionKind[]): AssertionKind {
  const isMapping = typeof entry === 'object' && entry !== null;
  const kind = isMapping && assertionKinds(own).find(({ key }) => Object.hasOwn(entry, key));
  if (!kind) throw new TypeError('an assertion was not validated');
  return kind;
}

/** The most characters of an answer that a verdict quotes. */
const gotLength = 120;

/**
 * Makes the entries of `assert:`, which have been validated, ready to judge. Unless one of them is about the status, a
 * status is expected to be 2xx. `own` are the assertions that the check's kind of probe adds.
 */
export function compileAssertions(entries: readonly unknown[], own: readonly AssertionKind[] = []): Assertion[] {
  const assertions = entries.map((entry) => {
    const kind = kindOf(entry, own);
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
      return { assertion, holds, expected, got: shorten(maskQuote(got, mask)) };
    } catch (error) {
      if (!(error instanceof EffortExceeded)) throw error;
      return { assertion, holds: false, expected, got: error.message };
    }
  };
}

const mark = '[secret]';

/**
 * What was quoted may end in the middle of a secret, and secrets before it may have become so short that this end would
 * be shown: then all that follows the last of them is left out.
 */
function maskQuote(got: string, mask: (text: string) => string): string {
  const masked = mask(got);
  const isCut = got.length >= quotedLength && masked.length < quotedLength;
  return isCut ? `${masked.slice(0, masked.lastIndexOf(mark) + mark.length)}…` : masked;
}

/** On one line, without what steers a terminal. */
function shorten(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  if (line.length <= gotLength) return line;
  const characters = Array.from(line);
  return characters.length <= gotLength ? line : `${characters.slice(0, gotLength - 1).join('')}…`;
}
