import { z } from 'zod';
import { type AssertionKind, absent } from './assertion-kind.ts';
import { compileTextWish, patternSchema } from './text-condition.ts';

const schema = z.strictObject({
  header: z
    .strictObject({
      name: z.string().min(1).describe('The name of the header, in any case.'),
      equals: z.union([z.string(), z.number(), z.boolean()]).optional().describe('The whole value.'),
      matches: patternSchema.optional().describe('A regular expression (RE2) that is found in the value.'),
      exists: z.boolean().optional().describe('false: the header must not be there.'),
    })
    .refine((wish) => wish.exists !== false || (wish.equals === undefined && wish.matches === undefined), {
      error: 'a header that must not exist can have no value: drop `exists: false`, or `equals` and `matches`',
      path: ['exists'],
    })
    .describe('A header of the answer; with the name alone it has to be there.'),
});

export const headerKind: AssertionKind<z.infer<typeof schema>> = {
  key: 'header',
  schema,
  compile({ header: { name, exists, ...wish } }) {
    const key = name.toLowerCase();
    const condition = compileTextWish(wish);
    const expected = exists === false ? 'does not exist' : condition.words || 'exists';
    return {
      expected: `header ${key} ${expected}`,
      judge({ facts: { headers } }, _wallNowMs, effort) {
        if (!headers) return absent('headers');
        const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
        if (value === undefined) return { holds: exists === false, got: `no header ${key}` };
        return { holds: exists !== false && condition.holds(value, effort), got: value };
      },
    };
  },
};
