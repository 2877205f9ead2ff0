import { describe, expect, it } from 'vitest';
import { namedOrigins } from '../src/named-origins.ts';
import { sampleResult } from './support/sample-result.ts';

describe('the origins that a configuration names', () => {
  it('are those of issuers, token endpoints and targets, each once, and nothing that is no origin', () => {
    const { check } = sampleResult();
    const targets = [
      'https://api.example.com/v1',
      'https://api.example.com/v2',
      'ntp.example.net:1123',
      'ntp.example.net',
    ];
    const tokens = [
      { issuer: 'https://auth.example.com/realm', endpoints: {} },
      { endpoints: { token: 'http://127.0.0.1:7664/token' } },
      { issuer: 'https://auth.example.com', endpoints: {} },
      { endpoints: {} },
    ];
    expect(
      namedOrigins(
        tokens,
        targets.map((target) => ({ ...check, target })),
      ),
    ).toEqual(['https://auth.example.com', 'http://127.0.0.1:7664', 'https://api.example.com']);
  });

  it('are one for a host in other case or with a dot at its end, and none for a host that is masked', () => {
    const { check } = sampleResult();
    const targets = [
      'https://API.example.com/a',
      'https://api.example.com./b',
      'http://api.example.com.:8080/',
      '[secret]',
      'https://[secret]/v1',
    ];
    expect(
      namedOrigins(
        [],
        targets.map((target) => ({ ...check, target })),
      ),
    ).toEqual(['https://api.example.com', 'http://api.example.com:8080']);
  });
});
