import { describe, expect, it } from 'vitest';
import { loadText, loadWell } from '../support/load-text.ts';

const token = (name: string, scopes: string) =>
  `  ${name}:\n    grant: client_credentials\n    issuer: https://a.example\n    client_id: a\n    client_secret: abcdefgh\n${scopes}`;
const check = (name: string, lines: string) => `  ${name}:\n    http: https://api.example\n${lines}`;

describe('scopes that checks need', () => {
  it('come to their token, by the name of the check', async () => {
    const { configuration, warnings } = await loadWell(
      `tokens:\n${token('t', '    scopes: [read, write]\n')}${token('u', '')}checks:\n${check('a', '    token: t\n    needs_scopes: [read]\n')}${check('b', '    token: t\n    needs_scopes: [read, write]\n')}${check('c', '    token: t\n')}${check('d', '    token: u\n    needs_scopes: [any]\n')}`,
    );
    expect(warnings).toEqual([]);
    expect(configuration.tokens.map(({ neededScopes }) => neededScopes)).toEqual([
      { a: ['read'], b: ['read', 'write'] },
      { d: ['any'] },
    ]);
    expect(configuration.checks.map(({ needsScopes }) => needsScopes)).toEqual([
      ['read'],
      ['read', 'write'],
      [],
      ['any'],
    ]);
  });

  it('are told where no token can have them', async () => {
    const text = `tokens:\n  s:\n    grant: static\n    value: abcdefgh\nchecks:\n${check('a', '    needs_scopes: [read]\n')}${check('b', '    token: s\n    needs_scopes: [read]\n')}${check('c', '    token: x\n    needs_scopes: [a b]\n')}`;
    expect((await loadText(text)).problems).toEqual([
      'sonde.yaml:8:5: checks.a.needs_scopes has no use without a token; expected "token:" as well',
      'sonde.yaml:12:5: checks.b.needs_scopes: "s" is static, and nobody says what it was granted; expected another token',
      'sonde.yaml:15:12: checks.c.token: there is no token "x"; did you mean "s"?',
      'sonde.yaml:16:20: checks.c.needs_scopes.0 is "a b"; expected one scope, without spaces and quotes',
    ]);
  });

  it('are a warning where the token does not ask for them, since its issuer may grant them all the same', async () => {
    const text = `tokens:\n${token('t', '    scopes: [read]\n')}checks:\n${check('a', '    token: t\n    needs_scopes: [read, write]\n')}`;
    const { warnings } = await loadWell(text);
    expect(warnings).toEqual([
      expect.objectContaining({
        line: 12,
        column: 26,
        message: 'checks.a.needs_scopes: "t" does not ask for "write"; expected it among its scopes',
      }),
    ]);
  });
});
