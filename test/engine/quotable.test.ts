import { describe, expect, it } from 'vitest';
import { quotable } from '../../src/engine/quotable.ts';

const mask = (text: string) => text.replaceAll('s3cret-token', '[secret]');
const answer = (status: number, body: string) => quotable({ phases: {}, facts: { status, body } }, mask).facts.body;

describe('what diagnosis may quote', () => {
  it('has no secret in headers and failures', () => {
    const seen = quotable(
      {
        phases: { wait: 1 },
        facts: { status: 401, headers: { 'www-authenticate': 'Bearer error_description="s3cret-token"' } },
        failure: { phase: 'transfer', code: 'ECONNRESET', message: 'after s3cret-token' },
      },
      mask,
    );
    expect(JSON.stringify(seen)).not.toContain('s3cret');
    expect(seen.phases).toEqual({ wait: 1 });
  });

  it('has the body of an error answer alone, without secrets, however its JSON is written', () => {
    expect(answer(200, '{"a":1}')).toBeUndefined();
    expect(answer(403, 'no s3cret-token')).toBe('no [secret]');
    expect(answer(403, '{"error": "\\u0073\\u0033cret-token"}')).toBe('{"error":"[secret]"}');
    expect(answer(500, 'x'.repeat(100_000))).toBeUndefined();
  });

  it('may be nothing', () => {
    expect(quotable({ phases: {}, facts: {} }, mask)).toEqual({ phases: {}, facts: {} });
  });
});
