import { describe, expect, it } from 'vitest';
import { parseHosts } from '../../src/net/hosts-file.ts';

describe('a hosts file', () => {
  it('gives each name all its addresses, in the order of the file', () => {
    const hosts = parseHosts('127.0.0.1 localhost\n::1\tlocalhost ip6-localhost\n');
    expect(hosts.get('localhost')).toEqual([
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect(hosts.get('ip6-localhost')).toEqual([{ address: '::1', family: 6 }]);
  });

  it('reads names in any case, and lines with comments, blanks and carriage returns', () => {
    const hosts = parseHosts('# 10.0.0.9 commented\n\n  10.0.0.1   API.Example # the lab\r\n10.0.0.2 other\r\n');
    expect([...hosts.keys()]).toEqual(['api.example', 'other']);
  });

  it('passes over lines without an address', () => {
    expect(parseHosts('not-an-address name\n300.1.1.1 name\n10.0.0.1\n').size).toBe(0);
  });
});
