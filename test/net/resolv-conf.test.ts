import { describe, expect, it } from 'vitest';
import { parseSearchRules, searchNames } from '../../src/net/resolv-conf.ts';

const kubernetes = `nameserver 10.96.0.10
search shop.svc.cluster.local svc.cluster.local cluster.local
options ndots:5 timeout:2
`;

describe('the search rules of resolv.conf', () => {
  it('are empty with one dot when the file says nothing', () => {
    expect(parseSearchRules('nameserver 127.0.0.1\n')).toEqual({ domains: [], ndots: 1 });
  });

  it('come from search and options', () => {
    expect(parseSearchRules(kubernetes)).toEqual({
      domains: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    });
  });

  it('come from the last of search and domain', () => {
    expect(parseSearchRules('search a.example b.example\ndomain c.example\n').domains).toEqual(['c.example']);
    expect(parseSearchRules('domain c.example\nsearch a.example.\nsearch .\n').domains).toEqual([]);
  });

  it('bound ndots and pass over what is not a number', () => {
    expect(parseSearchRules('options ndots:99').ndots).toBe(15);
    expect(parseSearchRules('options ndots:many rotate').ndots).toBe(1);
  });
});

describe('the names that a host stands for', () => {
  const rules = { domains: ['a.example', 'b.example'], ndots: 2 };

  it('begin with the completed ones when it has few dots', () => {
    expect(searchNames('api.shop', rules)).toEqual(['api.shop.a.example', 'api.shop.b.example', 'api.shop']);
  });

  it('begin with itself when it has many dots', () => {
    expect(searchNames('api.shop.test', rules)[0]).toBe('api.shop.test');
  });

  it('are itself alone when it ends in a dot', () => {
    expect(searchNames('api.', rules)).toEqual(['api']);
  });
});
