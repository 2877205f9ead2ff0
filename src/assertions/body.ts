import { z } from 'zod';
import { type AssertionKind, absent, quotedLength } from './assertion-kind.ts';
import { compileTextWish, patternSchema } from './text-condition.ts';

const schema = z.strictObject({
  body: z
    .strictObject({
      contains: z.string().min(1).optional().describe('Text that stands somewhere in the body.'),
      matches: patternSchema.optional().describe('A regular expression (RE2) that is found in the body.'),
    })
    .refine((wish) => wish.contains !== undefined || wish.matches !== undefined, {
      error: 'expected `contains` or `matches`',
    })
    .describe('The body of the answer as text.'),
});

export const bodyKind: AssertionKind<z.infer<typeof schema>> = {
  key: 'body',
  schema,
  compile({ body: wish }) {
    const condition = compileTextWish(wish);
    return {
      expected: `body ${condition.words}`,
      judge({ facts: { body } }, _wallNowMs, effort) {
        if (body === undefined) return absent('body');
        const got = body === '' ? 'an empty body' : body.slice(0, quotedLength);
        return { holds: condition.holds(body, effort), got };
      },
    };
  },
};
