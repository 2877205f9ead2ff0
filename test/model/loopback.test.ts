import { describe, expect, it } from 'vitest';
import { isLoopbackHost } from '../../src/model/loopback.ts';

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'api.localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]'])(
    'takes %s for this machine',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  it.each([
    '',
    '0.0.0.0',
    '128.0.0.1',
    '127.0.0.1.example.com',
    '127.example.com',
    'localhost.example.com',
    '::2',
    'notlocalhost',
  ])('does not take "%s" for this machine', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});
