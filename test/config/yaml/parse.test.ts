import { describe, expect, it } from 'vitest';
import { checkWith, loadText, tellMistakes } from '../../support/load-text.ts';

describe('mistakes of YAML', () => {
  tellMistakes({
    'a reference within braces': [
      `checks:\n  api: { http: \${env:URL} }`,
      `2:17: "{" ends the text before it here; quote it: within braces or brackets, a text such as "\${env:NAME}" or "$.a[0]" needs quotes`,
    ],
    'a JSONPath within braces': [
      checkWith('assert:\n  - { json: $.a[0], equals: 1 }'),
      `5:20: "[" ends the text before it here; quote it: within braces or brackets, a text such as "\${env:NAME}" or "$.a[0]" needs quotes`,
    ],
    'text behind a bracket': ['checks: [a] b', '1:13: text follows a closed bracket or quote; quote the whole text'],
    'a text with a colon': [
      'checks:\n  a: b: c',
      '2:6: a second ": " stands on this line, or the next line is indented too far; quote a text that holds ": "',
    ],
    'a tab': ['checks:\n\tapi: 1', '2:1: a tab is used for indentation; expected spaces'],
    'a character that needs quotes': ['checks:\n  a: @b', '2:6: a text cannot begin with this character; quote it'],
    'a missing bracket': ['checks: { a: 1', '1:15: a bracket is not closed, or this line is not indented far enough'],
    'a missing quote': ['checks: "a', '1:11: missing closing "quote'],
    'a bracket too many': ['checks: {}\n}', '2:1: "}" closes nothing; expected a "{" before it'],
    'a second bracket too many': ['checks: []]', '1:11: "]" closes nothing; expected a "[" before it'],
    'a second document': [
      'checks: {}\n---\nchecks: {}',
      '2:1: a second document begins here; expected one document a file: put the other into a file of its own',
    ],
    'a tag': [
      'checks: !secret x',
      '1:9: what begins with "!" is a tag, and tags are not read; quote a text that begins so',
    ],
    'a tag that YAML knows': [
      'checks: !!map {}',
      '1:15: a tag (what begins with "!") is not read; quote a text instead',
    ],
    'another version of YAML': [
      '%YAML 1.1\n---\nchecks: {}',
      '1:1: asks for another version of YAML; expected YAML 1.2: remove the %YAML line',
    ],
    'a key that is defined twice': [
      'checks:\n  a: { http: https://a.example }\n  a: { http: https://b.example }',
      '3:3: "a" is defined twice; expected once: the first is at sonde.yaml:2:3',
    ],
    'keys that would reach a prototype': [
      'checks:\n  __proto__: 1\n  constructor: 2\n  "prototype": 3',
      '2:3: "__proto__" cannot be used as a key; choose another name',
      '3:3: "constructor" cannot be used as a key; choose another name',
      '4:3: "prototype" cannot be used as a key; choose another name',
    ],
    'keys that are no text': [
      'checks:\n  [a]: 1\n  ? \n  : 2\n  ~: 3',
      '2:3: this key is no text; expected a name',
      '3:5: this key is no text; expected a name',
      '5:3: this key is no text; expected a name',
    ],
    'a merge key': [
      'checks:\n  a:\n    <<: {}',
      '3:5: merge keys ("<<") are not read; repeat the keys, or use "defaults"',
    ],
    'an alias for nothing': [
      'checks: *a',
      '1:9: an alias (what begins with "*") repeats nothing; expected its anchor before it, or quotes around a text',
    ],
    'an alias within what it repeats': [
      'checks: &a [*a]',
      '1:13: an alias (what begins with "*") repeats nothing; expected its anchor before it, or quotes around a text',
    ],
    'bytes that are no UTF-8': ['a: 1\nchecks: \ufffd', '2:9: is not text in UTF-8; expected UTF-8'],
  });

  it.each([
    ...[
      '*Sup3r',
      '*Sup3r:',
      '&Sup3r',
      '!Sup3r',
      '!!Sup3r',
      '!<Sup3r>',
      '!Sup3r! x',
      '>Sup3r',
      '|Sup3r',
      '%Sup3r',
      '@Sup3r',
    ],
    ...[
      '`Sup3r',
      '"a\\Sup3r"',
      '"Sup3r',
      "'Sup3r' Sup3r",
      '{ Sup3r',
      '[Sup3r',
      '{Sup3r}',
      '[Sup3r] Sup3r',
      'Sup3r: Sup3r',
    ],
    ...[
      '"Sup3r":',
      '- Sup3r',
      '? Sup3r',
      '{ Sup3r: 1, Sup3r: 2 }',
      '\n            Sup3r: 1\n            Sup3r: 1',
      '"Sup3r"#x',
    ],
    ...[`\${Sup3r}`, `Sup3r\${S3cret`, `\${S3cret`, `\${env:}Sup3r`, '$Sup3r', '\n%Sup3r', '&Sup3r &Sup3r x'],
  ])('never shows what stands in the place of a secret: %j', async (secret) => {
    for (const text of [
      `tokens:\n  t:\n    grant: static\n    value: ${secret}\n`,
      `tokens:\n  t:\n    grant: jwt_bearer\n    issuer: https://a.example\n    assertion: ${secret}\n`,
      checkWith('').replace(
        'https://api.example.com',
        `\n      url: https://a.example\n      headers:\n        x-api-key: ${secret}`,
      ),
      `checks:\n  a:\n    http:\n      url: https://a.example/?token=${secret}\n`,
    ]) {
      const { problems } = await loadText(text, { refusesPlaintext: true });
      expect(problems.join()).not.toMatch(/Sup3r|S3cret/i);
    }
  });

  it('never shows what a key or an address has of a secret', async () => {
    const http = (lines: string) =>
      `checks:\n  a:\n    http:\n      url: https://a.example\n${lines.replace(/^/gm, '      ')}`;
    for (const text of [
      http('headers:\n  "authorization: Bearer Sup3r": x'),
      http('headers:\n  "Bearer Sup3r": x'),
      http('headers: { "x: Sup3r": x, "x: Sup3r": x }'),
      http('headers:\n  x-api-key: "Bearer Sup3r\\nS3cret"'),
      http('proxy: https://u:Sup3r@p:1'),
      'checks:\n  a:\n    ntp: u:Sup3r@h\n',
      'checks:\n  a:\n    http: sftp://u:Sup3r@h\n',
      'clock: { servers: ["u:Sup3r@h"] }\n',
      'tokens: { t: { grant: static, value: { Sup3r: x } } }\n',
      'tokens: { t: { grant: jwt_bearer, issuer: "https://u:Sup3r@h", assertion: { Sup3r: x } } }\n',
      `vault: { address: "https://u:Sup3r@h", auth: { token: "\${env:X}" } }\n`,
    ])
      expect((await loadText(text, { refusesPlaintext: true })).problems.join()).toMatch(/^(?!.*(Sup3r|S3cret))./s);
  });

  it('tells of a bomb of aliases', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `  - &a${index + 1} [*a${index}, *a${index}]`);
    const { problems } = await loadText(`checks:\n  - &a0 [x]\n${lines.join('\n')}`);
    expect(problems[0]).toMatch(/^sonde.yaml:\d+:\d+: aliases repeat more than 100000 values; expected far fewer$/);
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['braces', '{ a: '.repeat(100_000)],
    ['dashes', '- '.repeat(65).concat('x')],
    [
      'aliases',
      Array.from({ length: 70 }, (_, index) => `- &a${index + 1} [*a${index}]`)
        .join('\n')
        .replace('*a0', 'x'),
    ],
  ])('tells of %s that are nested too deeply', async (_, text) => {
    const { problems } = await loadText(text);
    expect(problems[0]).toMatch(/^sonde.yaml:\d+:\d+: is nested more than 64 levels deep; expected far fewer$/);
  });

  it('tells of nesting that the parser cannot follow', async () => {
    expect((await loadText('- '.repeat(20_000))).problems[0]).toMatch(
      /: is nested too deeply; expected far fewer levels$/,
    );
  });

  it('does not take brackets in texts for nesting', async () => {
    const { problems } = await loadText(
      `# ${'['.repeat(80)}\nchecks:\n  a:\n    http: "https://a.example/${'['.repeat(80)}"`,
    );
    expect(problems).toEqual([]);
  });

  it('says what is wrong with a line once', async () => {
    const { problems } = await loadText(Array.from({ length: 30 }, () => `a: @b, @c: { \${x} }`).join('\n'));
    expect(problems.map((problem) => problem.split(':')[1])).toEqual(
      Array.from({ length: 20 }, (_, line) => `${line + 1}`),
    );
  });
});
