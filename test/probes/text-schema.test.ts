import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allowsReferences, text, textsWithin } from '../../src/probes/text-schema.ts';

const noSpace = text('a word', (plain) => (plain.includes(' ') ? 'has a space' : undefined));

describe('text', () => {
  it('is judged as it stands when it has no reference', () => {
    expect(noSpace.safeParse('a b').error?.issues[0]?.message).toBe('has a space');
    expect(noSpace.safeParse('ab').success).toBe(true);
  });

  it('is not judged before its references are resolved', () => {
    expect(noSpace.safeParse(`Bearer \${env:KEY} x`).success).toBe(true);
  });

  it('is a plain string to an editor', () => {
    expect(z.toJSONSchema(text('a value'), { io: 'input' })).toMatchObject({ type: 'string', description: 'a value' });
  });
});

describe('allowsReferences', () => {
  it('knows a marked schema behind a default and optionality', () => {
    expect(allowsReferences(text('a header').optional())).toBe(true);
    expect(allowsReferences(textsWithin(z.record(z.string(), z.string()).describe('headers')).optional())).toBe(true);
    expect(allowsReferences(textsWithin(z.string()).default('x'))).toBe(true);
  });

  it('says no of any other schema', () => {
    expect(allowsReferences(z.string().optional())).toBe(false);
    expect(allowsReferences(z.number())).toBe(false);
  });
});
