import { describe, expect, it } from 'vitest';
import { exposureOf, isOwnHost } from '../../src/web/exposure.ts';

describe('exposureOf', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1'])('takes %s for loopback', (address) => {
    expect(exposureOf(address)).toBe('loopback');
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '::ffff:127.0.0.1', '128.0.0.1', '192.168.1.1', 'fe80::1'])(
    'takes %s for the network',
    (address) => {
      expect(exposureOf(address)).toBe('network');
    },
  );
});

describe('isOwnHost', () => {
  it.each(['localhost', 'LOCALHOST:7663', 'a.b.localhost:80', '127.0.0.1', '10.1.2.3:7663', '[::1]', '[fe80::1]:80'])(
    'takes %s',
    (host) => {
      expect(isOwnHost(host)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evillocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io:7663',
    'localhost@evil.example',
    'evil.example/localhost',
    'localhost:80:80',
    '::1',
    'localhost\nx',
  ])('refuses %j', (host) => {
    expect(isOwnHost(host)).toBe(false);
  });
});
