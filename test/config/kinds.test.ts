import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AssertionKind } from '../../src/assertions/assertion-kind.ts';
import { buildConfiguration } from '../../src/config/build.ts';
import { expandMainKeys } from '../../src/config/kind-spec.ts';
import { formatProblem, type Problem, type Report } from '../../src/config/problem.ts';
import { createReferences } from '../../src/config/references.ts';
import { parseSource } from '../../src/config/yaml/parse.ts';
import type { Entry, MapTree, Tree } from '../../src/config/yaml/tree.ts';
import { type ProbeKind, ProbeSpecError } from '../../src/probes/probe.ts';
import { text } from '../../src/probes/text-schema.ts';
import { createSlices } from '../../src/system/slices.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

function kindOf(kind: string, mainKey: string, schema: z.ZodType, target: ProbeKind['target']): ProbeKind {
  return { kind, mainKey, schema, target, bind: () => Promise.reject(new Error('not bound in this test')) };
}

const inner = z.strictObject({ greeting: text('What is sent.').optional() });
/** What stands in for an assertion that a kind adds for its own facts. */
const depth: AssertionKind = {
  key: 'depth',
  schema: z.strictObject({ depth: z.number() }),
  compile: () => ({ expected: 'depth', judge: () => ({ holds: true, got: 'depth' }) }),
};
const kinds = [
  kindOf('tcp', 'host', z.strictObject({ host: z.string(), inner: inner.prefault({}) }), () => ({
    display: 'tcp',
    plaintext: false,
  })),
  {
    ...kindOf('dns', 'name', z.strictObject({ name: z.string() }), () => ({ display: 'dns', plaintext: false })),
    assertions: [depth],
  },
  kindOf('steps', 'list', z.strictObject({ list: z.array(z.string()) }), () => {
    throw new ProbeSpecError(['list', '0'], 'is no step');
  }),
  kindOf('broken', 'x', z.strictObject({ x: z.number() }), () => {
    throw new TypeError('a bug');
  }),
];

/** Builds checks with kinds that stand in for those to come. */
async function build(yaml: string) {
  const { tree } = parseSource({ path: 'f', text: yaml });
  const checks = (tree as MapTree).entries.get('checks') as Entry;
  const expanded = new Map(
    [...(checks.tree as MapTree).entries].map(([name, entry]): [string, Entry] => [
      name,
      { ...entry, tree: expandMainKeys(entry.tree, kinds) },
    ]),
  );
  const content = new Map((tree as MapTree).entries).set('checks', {
    ...checks,
    tree: { ...(checks.tree as MapTree), entries: expanded },
  });
  const problems: Problem[] = [];
  const report: Report = (place, message) => problems.push({ ...place, message });
  const resolutions = new Map([[`\${env:X}`, { value: 'abcdef' }]]);
  const references = createReferences(resolutions, { wrong: report, unresolved: report, missing: report });
  const system = createVirtualSystem();
  const root: Tree = { ...(tree as MapTree), entries: content };
  const slices = createSlices(system.clock);
  const context = { system, slices, kinds, report, warn: report, plain: () => {}, references, incomplete: false };
  const configuration = await buildConfiguration(root, context);
  return { configuration, said: problems.map(formatProblem) };
}

describe('kinds of probe', () => {
  it('exclude each other', async () => {
    expect((await build('checks:\n  a:\n    tcp: a.example\n    steps: [x]')).said).toEqual([
      'f:4:5: checks.a has two kinds of probe, tcp and steps; expected one',
    ]);
  });

  it('take any value for their main key', async () => {
    expect((await build('checks:\n  a: { tcp: a.example }\n  b: { tcp: [x] }')).said).toEqual([
      'f:3:13: checks.b.tcp.host is a list; expected text',
    ]);
  });

  it('may have references in the depth of their schema, where they are marked', async () => {
    const { configuration, said } = await build(
      `checks:\n  a:\n    tcp:\n      host: h\n      inner: { greeting: "\${env:X}" }`,
    );
    expect(said).toEqual([]);
    expect(JSON.stringify(configuration.checks[0]?.spec)).toBe('{"host":"h","inner":{"greeting":"[secret]"}}');
    expect((await build(`checks:\n  a:\n    tcp:\n      host: h\n      inner: ["\${env:X}"]`)).said[0]).toMatch(
      /^f:5:15: a reference cannot stand here;/,
    );
  });

  it('may add assertions, which no other kind takes', async () => {
    const { configuration, said } = await build(
      'checks:\n  a:\n    dns: x\n    assert: [{ depth: 5 }, { status: 200 }]',
    );
    expect(said).toEqual([]);
    expect(configuration.checks[0]?.assertions).toEqual([{ depth: 5 }, { status: 200 }]);
    expect((await build('checks:\n  a:\n    dns: x\n    assert: [{ depth: much }, { dept: 5 }]')).said).toEqual([
      'f:4:23: checks.a.assert.0.depth is "much"; expected a number',
      'f:4:33: "dept" is no assertion; did you mean "depth"?',
    ]);
    expect((await build('checks:\n  a:\n    tcp: x\n    assert: [{ depth: 5 }]')).said).toEqual([
      'f:4:16: "depth" is an assertion of the kind dns alone; expected one of status, header, body, json, latency, certificate',
    ]);
  });

  it('are not known by a check without one, so its assertions are not to blame', async () => {
    expect((await build('checks:\n  a:\n    assert: [{ depth: 5 }, { dept: 5 }]')).said).toEqual([
      'f:2:3: checks.a has no kind of probe; expected one of tcp, dns, steps, broken',
      'f:3:30: "dept" is no assertion; did you mean "depth"?',
    ]);
  });

  it('have no web origin to send a bound token to', async () => {
    const token = 'tokens:\n  t: { grant: static, value: abcdefgh, send_to: [https://a.example] }\n';
    expect((await build(`${token}checks:\n  a: { tcp: h, token: t }`)).said).toEqual([
      'f:4:23: checks.a.token: "t" may not be sent to tcp; its send_to has https://a.example',
    ]);
  });

  it('tell where a spec is wrong that their schema let pass', async () => {
    expect((await build('checks:\n  a: { steps: [x] }')).said).toEqual(['f:2:16: checks.a.steps.list.0: is no step']);
  });

  it('are not shielded from their own bugs', async () => {
    await expect(build('checks:\n  a: { broken: 1 }')).rejects.toThrow('a bug');
  });
});
