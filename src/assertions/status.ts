import { z } from 'zod';
import { type AssertionKind, absent } from './assertion-kind.ts';

const error = 'expected a status such as 200, a class such as 2xx, or a list such as [200, 404]';

const one = z.union(
  [z.int({ error }).min(100, { error }).max(599, { error }), z.string().regex(/^[1-5](?:xx|\d\d)$/, { error })],
  {
    error,
  },
);

const schema = z.strictObject({
  status: z
    .union([one, z.array(one).min(1)], { error })
    .describe('The status that is expected: 200, a class such as 2xx, or a list of these.'),
});

export const statusKind: AssertionKind<z.infer<typeof schema>> = {
  key: 'status',
  schema,
  compile({ status }) {
    const allowed = [status].flat().map(String);
    return {
      expected: `status ${allowed.join(' or ')}`,
      judge({ facts }) {
        if (facts.status === undefined) return absent('status');
        const got = String(facts.status);
        return { holds: allowed.includes(got) || allowed.includes(`${got[0]}xx`), got: `status ${got}` };
      },
    };
  },
};
