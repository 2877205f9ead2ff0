import { expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { keepForLastWords, maskLastWords } from '../../src/secrets/last-words.ts';
import { createMasker } from '../../src/secrets/mask.ts';

it('hides in the last words what any mask of the process knows', () => {
  for (const value of ['first-secret', 'second-secret']) {
    const masker = createMasker();
    masker.add(new Secret(value));
    keepForLastWords(masker);
  }
  const error = new TypeError('no first-secret beside a second-secret');
  expect(maskLastWords(error)).toMatch(/^TypeError: no \[secret\] beside a \[secret\]\n {4}at /);
  expect(maskLastWords('a bare first-secret')).toBe('a bare [secret]');
  delete error.stack;
  expect(maskLastWords(error)).toBe('no [secret] beside a [secret]');
});
