import { z } from 'zod';
import { type AssertionKind, absent, type Finding, quotedLength } from './assertion-kind.ts';
import type { Effort } from './effort.ts';
import { jsonBody } from './json-body.ts';
import { compileJsonPath, jsonPathFault } from './json-path.ts';
import { jsonEqual, showJson } from './json-value.ts';
import { compileTextWish, patternSchema } from './text-condition.ts';

const pathSchema = z.string().superRefine((path, context) => {
  const message = jsonPathFault(path);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const schema = z
  .strictObject({
    json: pathSchema.describe('A JSONPath (RFC 9535). Every value that it finds has to do, and there has to be one.'),
    equals: z.unknown().optional().describe('The value, of any type.'),
    matches: patternSchema
      .optional()
      .describe('A regular expression (RE2) that is found in a string, number or boolean.'),
    exists: z.boolean().optional().describe('false: nothing may be found at the path.'),
    above: z.number().optional().describe('A number that the value is greater than.'),
    below: z.number().optional().describe('A number that the value is less than.'),
  })
  .refine(
    ({ json: _, exists, ...wishes }) => exists !== false || Object.values(wishes).every((wish) => wish === undefined),
    {
      error: 'what must not exist can have no value: drop `exists: false`, or the other conditions',
      path: ['exists'],
    },
  );

type Entry = z.infer<typeof schema>;

type Condition = (value: unknown, effort: Effort) => boolean;

export const jsonKind: AssertionKind<Entry> = {
  key: 'json',
  schema,
  compile(entry) {
    const path = compileJsonPath(entry.json);
    const { words, holds } = compileWishes(entry);
    return {
      expected: `${entry.json} ${words}`,
      judge(observation, _wallNowMs, effort) {
        const { body } = observation.facts;
        if (body === undefined) return absent('body');
        const parsed = jsonBody(observation, body);
        if (!parsed) return { holds: false, got: body === '' ? 'an empty body' : 'a body that is not JSON' };
        const values = path.select(parsed.json, effort);
        if (values.length === 0) return { holds: entry.exists === false, got: 'nothing at that path' };
        if (entry.exists === false) return { holds: false, got: showJson(values[0], quotedLength) };
        return judgeEach(values, holds, effort);
      },
    };
  },
};

function judgeEach(values: readonly unknown[], holds: Condition, effort: Effort): Finding {
  const wrongAt = values.findIndex((value) => !holds(value, effort));
  const shown = showJson(values[Math.max(wrongAt, 0)], quotedLength);
  const which = values.length > 1 && wrongAt >= 0 ? `value ${wrongAt + 1} of ${values.length}: ` : '';
  return { holds: wrongAt < 0, got: which + shown };
}

function compileWishes({ equals, matches, exists, above, below }: Entry): { words: string; holds: Condition } {
  const wishes: { words: string; holds: Condition }[] = [];
  const add = (words: string, holds: Condition) => wishes.push({ words, holds });
  if (equals !== undefined)
    add(`equals ${showJson(equals, quotedLength)}`, (value, effort) => jsonEqual(value, equals, effort));
  if (matches !== undefined) {
    const condition = compileTextWish({ matches });
    add(condition.words, (value, effort) => isScalar(value) && condition.holds(String(value), effort));
  }
  if (above !== undefined) add(`above ${above}`, (value) => typeof value === 'number' && value > above);
  if (below !== undefined) add(`below ${below}`, (value) => typeof value === 'number' && value < below);
  return {
    words: wishes.map((wish) => wish.words).join(' and ') || (exists === false ? 'does not exist' : 'exists'),
    holds: (value, effort) => wishes.every((wish) => wish.holds(value, effort)),
  };
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
