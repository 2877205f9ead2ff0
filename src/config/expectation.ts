import type { z } from 'zod';
import { nearest } from '../model/nearest.ts';

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function expectedType(expected: string, input: unknown): string {
  const quotes = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean');
  return `${types[expected] ?? expected}${quotes ? ': put it in quotes' : ''}`;
}

function expectedSize(bound: 'at least' | 'at most', origin: string, limit: number | bigint): string {
  if (origin === 'string') return limit === 1 ? 'text that is not empty' : `${bound} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `${bound} ${limit}`;
}

function expectedValue(values: readonly unknown[], input: unknown): string {
  const meant = typeof input === 'string' ? nearest(input, values.map(String)) : undefined;
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return `expected ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`;
}

/** What a schema without words of its own expects, as the second half of a problem. */
export function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${expectedType(issue.expected, issue.input)}`;
    case 'invalid_value':
      return expectedValue(issue.values, issue.input);
    case 'too_small':
      return `expected ${expectedSize('at least', issue.origin, issue.minimum)}`;
    case 'too_big':
      return `expected ${expectedSize('at most', issue.origin, issue.maximum)}`;
    default:
      return 'expected another value';
  }
}
