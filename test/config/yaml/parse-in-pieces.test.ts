import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../src/config/yaml/parse.ts';
import { parseInPieces } from '../../../src/config/yaml/parse-in-pieces.ts';
import { createSlices } from '../../../src/system/slices.ts';
import { createVirtualClock } from '../../support/virtual-system.ts';

const inPieces = (text: string) => parseInPieces({ path: 'f.yaml', text }, createSlices(createVirtualClock()));
const whole = (text: string) => parseSource({ path: 'f.yaml', text });

/** Lines of which some are wrong, some are no pieces, and some mean something else behind certain others. */
const lines = [
  'checks:',
  'checks: # all of them',
  'defaults: { every: 5s }',
  'state_dir: ./state',
  'budgets:',
  '  default:',
  '    rate: 5/s',
  '  api:',
  '  web.site-2: # one',
  '    http: https://api.example.com/health',
  '    http:',
  '      body: |',
  '        checks:',
  '          indented: as it is',
  '      body: >+',
  '    labels: { team: a, tier: [1, 2',
  '      ] }',
  '    labels: {',
  '  "quoted": x',
  '  - item',
  '    - item',
  '    assert:',
  '    assert: [{ status: 200 }]',
  '      - status: 200',
  '      - json: $.a[0]',
  '    cron: "*/5 * * * *"',
  '    text: "begins here',
  '      and: ends here"',
  'and: ends here"',
  '    plain text',
  '      more plain text',
  '    # a comment',
  '# a comment',
  '  # a comment',
  '',
  '    ',
  '---',
  '...',
  '%YAML 1.2',
  '\tx: 1',
  '   odd: 1',
  ' odd: 1',
  '    a: &anchor 1',
  '    a: *anchor',
  '    a: !tag 1',
  '  ? complex',
  '  : value',
  'null: 1',
  'constructor: 1',
  '  api: ~',
  '    a: 1 \r',
  '1: 2',
];

describe('parsing in pieces', () => {
  it('gives for each file that ships what parsing it whole gives', async () => {
    const folder = 'checks';
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) {
      const text = readFileSync(join(folder, name), 'utf8');
      expect({ tree: await inPieces(text), problems: [] }, name).toEqual(whole(text));
    }
  });

  it('gives what parsing the whole gives, or nothing, whatever the lines', async () => {
    let understood = 0;
    const text = fc.array(fc.constantFrom(...lines), { maxLength: 12 }).map((some) => `${some.join('\n')}\n`);
    await fc.assert(
      fc.asyncProperty(text, async (yaml) => {
        const tree = await inPieces(yaml);
        if (!tree) return;
        understood += 1;
        expect({ tree, problems: [] }).toEqual(whole(yaml));
      }),
      { numRuns: 5000 },
    );
    expect(understood).toBeGreaterThan(100);
  });

  const plain = 'checks:\n  a:\n    http: https://a.example\n  b:\n    http: https://b.example\n';
  it.each([
    ['a mistake', `${plain}    - x\n`],
    ['a name that stands twice', `${plain}  a:\n    http: https://c.example\n`],
    ['a section that stands twice', `${plain}defaults:\n  every: 5s\ndefaults:\n  every: 6s\n`],
    ['an anchor', `${plain}  c: &c\n    http: https://c.example\n`],
    ['a piece that is long', `${plain}  c:\n    http: https://c.example/${'x'.repeat(20_000)}\n`],
    ['brackets that nest deeply', `${plain}  c: ${'['.repeat(70)}${']'.repeat(70)}\n`],
    ['nothing at all', '# a comment\n'],
  ])('leaves to the whole %s', async (_, yaml) => {
    expect(await inPieces(yaml)).toBeUndefined();
  });

  it('understands many brackets that nest as they may', async () => {
    const yaml = `${plain}  c: [${'[1], '.repeat(100)}]\n`;
    expect({ tree: await inPieces(yaml), problems: [] }).toEqual(whole(yaml));
  });
});
