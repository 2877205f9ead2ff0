import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assertionKinds, assertionSchema, compileAssertions } from '../../src/assertions/compile-assertions.ts';
import type { Observation } from '../../src/model/observation.ts';

const wallNowMs = Date.UTC(2026, 0, 1);
const asIs = (text: string) => text;

/** Judges one entry, which has to be valid. */
function judge(entry: Record<string, unknown>, observation: Observation) {
  expect(assertionSchema().safeParse(entry).error?.issues).toBeUndefined();
  const verdict = compileAssertions([entry])
    .map((assertion) => assertion(observation, wallNowMs, asIs))
    .find(({ assertion }) => Object.hasOwn(entry, assertion));
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

const answered = (facts: Observation['facts']): Observation => ({ phases: {}, facts });
const withBody = (body: string) => answered({ status: 200, headers: {}, body });
const broken: Observation = {
  phases: { resolve: 4, connect: 8.04 },
  facts: {},
  failure: { phase: 'connect', code: 'ECONNREFUSED', message: 'refused' },
};

describe('status', () => {
  it.each([
    [200, 200, true],
    [200, 201, false],
    ['2xx', 204, true],
    ['2xx', 304, false],
    ['503', 503, true],
    [[200, 404, '3xx'], 302, true],
    [[200, 404, '3xx'], 500, false],
  ])('%j of %d: %s', (status, got, holds) => {
    expect(judge({ status }, answered({ status: got }))).toMatchObject({ holds, got: `status ${got}` });
  });

  it('says in words what it expects, and that no answer came', () => {
    expect(judge({ status: [200, '3xx'] }, broken)).toEqual({
      assertion: 'status',
      holds: false,
      expected: 'status 200 or 3xx',
      got: 'no status: the answer never came',
    });
  });
});

describe('header', () => {
  const observation = answered({ headers: { 'content-type': 'application/json', 'x-left': '10' } });

  it.each([
    [{ name: 'Content-Type' }, true],
    [{ name: 'content-type', equals: 'application/json' }, true],
    [{ name: 'content-type', equals: 'text/html' }, false],
    [{ name: 'x-left', equals: 10 }, true],
    [{ name: 'content-type', matches: '^application/' }, true],
    [{ name: 'content-type', matches: '^text/' }, false],
    [{ name: 'x-left', exists: false }, false],
    [{ name: 'x-other', exists: false }, true],
    [{ name: 'x-other' }, false],
    [{ name: 'constructor' }, false],
  ])('%j: %s', (header, holds) => {
    expect(judge({ header }, observation).holds).toBe(holds);
  });

  it('says what it expects and what was there', () => {
    expect(judge({ header: { name: 'X-Left', equals: 11, matches: '^1' } }, observation)).toMatchObject({
      expected: 'header x-left equals 11 and matches ^1',
      got: '10',
    });
    expect(judge({ header: { name: 'x-other', exists: false } }, observation)).toMatchObject({
      expected: 'header x-other does not exist',
      got: 'no header x-other',
    });
    expect(judge({ header: { name: 'x-other' } }, broken).got).toBe('no headers: the answer never came');
  });
});

describe('body', () => {
  it.each([
    [{ contains: 'all is well' }, true],
    [{ contains: 'ill' }, false],
    [{ matches: 'is\\s+well$' }, true],
    [{ contains: 'all', matches: '^well' }, false],
  ])('%j: %s', (body, holds) => {
    expect(judge({ body }, withBody('all is well')).holds).toBe(holds);
  });

  it('quotes the start of what was there, on one line', () => {
    const { got } = judge({ body: { contains: 'x' } }, withBody(`<html>\r\n\u001b[31m${'é👩'.repeat(200)}`));
    expect(Array.from(got)).toHaveLength(120);
    expect(got).toMatch(/^<html> \[31mé👩.*…$/u);
    expect(got.isWellFormed()).toBe(true);
  });

  it('says that a body is empty or never came', () => {
    expect(judge({ body: { contains: 'x' } }, withBody('')).got).toBe('an empty body');
    expect(judge({ body: { contains: 'x' } }, broken).got).toBe('no body: the answer never came');
  });

  it('is not held up by a pattern that makes other engines backtrack', () => {
    const verdict = judge({ body: { matches: '^(a+)+$' } }, withBody(`${'a'.repeat(100_000)}!`));
    expect(verdict.holds).toBe(false);
  });

  it('gives up on a pattern that is too large for the body', () => {
    const verdict = judge({ body: { matches: 'a[ab]{500}c' } }, withBody('ab'.repeat(500_000)));
    expect(verdict).toMatchObject({ holds: false, got: 'the answer is too large to be searched in this way' });
  });
});

describe('json', () => {
  const body = JSON.stringify({
    data: [
      { id: 'claude-1', n: 1, on: true },
      { id: 'claude-2', n: 2, on: false },
    ],
    none: null,
    nested: { b: [1, 2.0], a: 'x' },
  });

  it.each([
    [{ json: '$.data[0].id' }, true],
    [{ json: '$.data[0].id', matches: '^claude' }, true],
    [{ json: '$.data[0].id', equals: 'claude' }, false],
    [{ json: '$.data[*].id', matches: '^claude' }, true],
    [{ json: '$.data[*].id', equals: 'claude-1' }, false],
    [{ json: '$.data[*].n', above: 0, below: 3 }, true],
    [{ json: '$.data[*].n', above: 1 }, false],
    [{ json: '$.data[0].id', above: 1 }, false],
    [{ json: '$.data[0].n', matches: '^1$' }, true],
    [{ json: '$.data[0].on', matches: 'true' }, true],
    [{ json: '$.data', matches: 'claude' }, false],
    [{ json: '$.none', equals: null }, true],
    [{ json: '$.none' }, true],
    [{ json: '$.nested', equals: { a: 'x', b: [1, 2] } }, true],
    [{ json: '$.nested', equals: { a: 'x', b: [2, 1] } }, false],
    [{ json: '$.nested', equals: { a: 'x' } }, false],
    [{ json: '$.nested', equals: { a: 'x', c: 1 } }, false],
    [{ json: '$.nested', equals: ['x'] }, false],
    [{ json: '$.nested.b', equals: [1] }, false],
    [{ json: '$.nested.b', equals: {} }, false],
    [{ json: '$.gone' }, false],
    [{ json: '$.gone', exists: false }, true],
    [{ json: '$.none', exists: false }, false],
    [{ json: '$.gone', exists: true, equals: 1 }, false],
  ])('%j: %s', (entry, holds) => {
    expect(judge(entry, withBody(body)).holds).toBe(holds);
  });

  it('says what it expects and which value was wrong', () => {
    expect(judge({ json: '$.data[*].n', above: 1, below: 9 }, withBody(body))).toMatchObject({
      expected: '$.data[*].n above 1 and below 9',
      got: 'value 1 of 2: 1',
    });
    expect(judge({ json: '$.data[1]', equals: { id: 'x' } }, withBody(body))).toMatchObject({
      expected: '$.data[1] equals {"id":"x"}',
      got: '{"id":"claude-2","n":2,"on":false}',
    });
    expect(judge({ json: '$.gone' }, withBody(body))).toMatchObject({
      expected: '$.gone exists',
      got: 'nothing at that path',
    });
    expect(judge({ json: '$.data', exists: false }, withBody('{"data":{}}'))).toMatchObject({
      expected: '$.data does not exist',
      got: '{}',
    });
  });

  it('says that a body is not JSON, is empty, or never came', () => {
    expect(judge({ json: '$' }, withBody('<html>')).got).toBe('a body that is not JSON');
    expect(judge({ json: '$' }, withBody('')).got).toBe('an empty body');
    expect(judge({ json: '$' }, broken).got).toBe('no body: the answer never came');
  });

  it('reads the body once for all assertions on an observation', () => {
    let reads = 0;
    const observation = answered({
      get body() {
        reads += 1;
        return reads === 1 ? '{"a": 1}' : '{"a": 2}';
      },
    });
    const verdicts = compileAssertions([
      { json: '$.a', equals: 1 },
      { json: '$.a', below: 2 },
    ]).map((assertion) => assertion(observation, wallNowMs, asIs));
    expect(verdicts.filter(({ holds }) => holds)).toHaveLength(3);
  });
});

describe('latency', () => {
  const observation: Observation = { phases: { queue: 900, connect: 20, wait: 100.26 }, facts: {} };

  it.each([
    [{ below: '121ms' }, true, '120.3 ms'],
    [{ below: '0.1s' }, false, '120.3 ms'],
    [{ below: '20ms', phase: 'connect' }, false, '20 ms'],
    [{ below: '1ms', phase: 'tls' }, true, 'no phase tls in this run'],
  ])('%j: %s', (latency, holds, got) => {
    expect(judge({ latency }, observation)).toMatchObject({ holds, got });
  });

  it('does not blame the target for what may be our own delay', () => {
    const doubted = { ...observation, uncertaintyMs: 30 };
    expect(judge({ latency: { below: '100ms' } }, doubted)).toMatchObject({
      holds: true,
      got: "120.3 ms, of which up to 30 ms may be sonde's own",
    });
    expect(judge({ latency: { below: '90ms' } }, doubted)).toMatchObject({ holds: false, got: '120.3 ms' });
    expect(judge({ latency: { below: '121ms' } }, doubted)).toMatchObject({ holds: true, got: '120.3 ms' });
  });

  it('does not hold for a quick failure', () => {
    expect(judge({ latency: { below: '1s' } }, broken)).toMatchObject({
      expected: 'latency below 1s',
      holds: false,
      got: 'no whole answer after 12 ms',
    });
  });
});

describe('certificate', () => {
  const dayMs = 86_400_000;
  const certificate = (subject: string, days: number) => ({
    subject,
    issuer: 'CN=authority',
    notBeforeMs: 0,
    notAfterMs: wallNowMs + days * dayMs,
    fingerprint: '',
  });
  const observed = (...chain: ReturnType<typeof certificate>[]) =>
    answered({ tls: { protocol: 'TLSv1.3', cipher: '', chain } });

  it('judges the one of the chain that runs out first', () => {
    const observation = observed(
      certificate('CN=leaf', 30),
      certificate('CN=middle', 14.09),
      certificate('CN=root', 900),
    );
    expect(judge({ certificate: { days_left_above: 14 } }, observation)).toMatchObject({
      holds: true,
      got: '14 days left (CN=middle)',
    });
    expect(judge({ certificate: { days_left_above: 15 } }, observation).holds).toBe(false);
  });

  it('does not hold for a certificate that has run out, or without one', () => {
    expect(judge({ certificate: { days_left_above: 0 } }, observed(certificate('CN=leaf', -1))).holds).toBe(false);
    expect(judge({ certificate: { days_left_above: 0 } }, observed()).got).toMatch('no certificate');
    expect(judge({ certificate: { days_left_above: 0 } }, broken).got).toMatch('no certificate');
  });
});

/** One of each kind, and such as look everywhere. */
const searching = [
  { status: '2xx' },
  { header: { name: 'x', matches: 'a|b' } },
  { body: { matches: '(a|b)*c' } },
  { json: '$' },
  { json: '$..[?@.a > 1 || match(@.b, "x.*")]', matches: 'x', exists: true },
  { json: '$[?@ == $[0]]', equals: { a: [1, null, 'x'] } },
  { json: '$..*', above: 1, below: 3 },
  { latency: { below: '1s', phase: 'tls' } },
  { certificate: { days_left_above: 1 } },
];

describe('compileAssertions', () => {
  it('expects success where no assertion speaks of the status', () => {
    const assertions = compileAssertions([{ body: { contains: 'x' } }]);
    expect(assertions).toHaveLength(2);
    expect(assertions[0]?.(answered({ status: 503 }), wallNowMs, asIs)).toEqual({
      assertion: 'status',
      holds: false,
      expected: 'status 2xx',
      got: 'status 503',
    });
    expect(assertions[0]?.(broken, wallNowMs, asIs).holds).toBe(false);
    expect(compileAssertions([{ status: 503 }])).toHaveLength(1);
  });

  it('does not blame what has no status for that, when it came whole', () => {
    expect(compileAssertions([])[0]?.(answered({}), wallNowMs, asIs).holds).toBe(true);
  });

  it('masks what it quotes before it shortens it, so that no half of a secret is left', () => {
    const secret = 's3cret'.repeat(30);
    const mask = (text: string) => text.replaceAll(secret, '[secret]');
    const [, assertion] = compileAssertions([{ body: { contains: 'x' } }]);
    expect(assertion?.(withBody(`you sent ${secret}!`), wallNowMs, mask).got).toBe('you sent [secret]!');
  });

  it('shows nothing of a secret that the quoted part of an answer ends in, however short the rest became', () => {
    const secret = 's3cret'.repeat(1500);
    const mask = (text: string) => text.replaceAll(secret, '[secret]');
    const entries = [{ body: { contains: 'x' } }, { json: '$', equals: 'x' }, { json: '$[1]', equals: 'x' }];
    const said = `so: ${secret.repeat(9)}`;
    for (const body of [said, JSON.stringify(said), JSON.stringify([said, said])])
      for (const assertion of compileAssertions(entries))
        expect(assertion(withBody(body), wallNowMs, mask).got).not.toContain('s3cret');
  });

  it('refuses an entry that was not validated', () => {
    for (const entry of [{ colour: 'red' }, 200, null]) expect(() => compileAssertions([entry])).toThrow(TypeError);
  });

  it('survives a body that is deeper than our own stack', () => {
    for (const entry of searching) expect(assertionSchema().safeParse(entry).success).toBe(true);
    const observation = withBody(`${'[{"a":'.repeat(20_000)}1${'}]'.repeat(20_000)}`);
    const verdicts = compileAssertions(searching).map((assertion) => assertion(observation, wallNowMs, asIs));
    expect(verdicts.map(({ holds }) => holds)).toContain(false);
  });

  it('never throws, whatever came', () => {
    const assertions = compileAssertions(searching);
    const anyNumber = fc.oneof(fc.integer(), fc.double());
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.nat(200).map((depth) => `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`),
      fc.nat(500).map((count) => JSON.stringify(Array.from({ length: count }, (_, index) => index))),
      fc.constantFrom('{"__proto__": {"a": 2}}', '[NaN]', '1e999', '{"a":1,"a":2}', '[{"toString":1,"length":-1}]'),
    );
    const anyRecord = (value: fc.Arbitrary<unknown>) => fc.dictionary(fc.string(), value);
    const observation: fc.Arbitrary<unknown> = fc.record(
      {
        phases: fc.record({ queue: anyNumber, tls: anyNumber }, { requiredKeys: [] }),
        facts: fc.record(
          {
            status: anyNumber,
            headers: anyRecord(fc.string()),
            body,
            tls: fc.record({
              chain: fc.array(fc.record({ subject: fc.string(), notAfterMs: anyNumber })),
            }),
          },
          { requiredKeys: [] },
        ),
        failure: fc.record({ phase: fc.constant('tls'), code: fc.string(), message: fc.string() }),
      },
      { requiredKeys: ['phases', 'facts'] },
    );
    fc.assert(
      fc.property(observation, fc.double(), (seen, nowMs) => {
        for (const assertion of assertions) {
          const { holds, got } = assertion(seen as Observation, nowMs, asIs);
          expect(typeof holds).toBe('boolean');
          expect(Array.from(got).length).toBeLessThanOrEqual(120);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('the schemas of assertions', () => {
  const firstIssue = (entry: Record<string, unknown>) =>
    assertionKinds()
      .find(({ key }) => Object.hasOwn(entry, key))
      ?.schema.safeParse(entry).error?.issues[0];

  it.each([
    [{ status: '2xy' }, ['status'], /a status such as 200/],
    [{ status: 42 }, ['status'], /a status such as 200/],
    [{ status: [200, 'ok'] }, ['status', 1], /a status such as 200/],
    [{ header: { name: 'x', matches: '(?=a)' } }, ['header', 'matches'], /RE2 takes \(no look-around/],
    [{ header: { name: 'x', equals: 'a', exists: false } }, ['header', 'exists'], /must not exist/],
    [{ body: {} }, ['body'], /`contains` or `matches`/],
    [{ json: 'data[0]' }, ['json'], /begins with \$/],
    [{ json: '$.a', equals: 1, exists: false }, ['exists'], /must not exist/],
    [{ json: '$.a', above: '1' }, ['above'], /number/],
    [{ latency: { below: 250 } }, ['latency', 'below'], /a duration such as 250ms/],
    [{ latency: { below: '1 second' } }, ['latency', 'below'], /a duration such as 250ms/],
    [{ latency: { below: '1s', phase: 'dns' } }, ['latency', 'phase'], /resolve/],
    [{ certificate: { days_left_above: -1 } }, ['certificate', 'days_left_above'], />=0/],
  ])('say of %j what is wrong, and where', (entry, path, message) => {
    expect(firstIssue(entry)).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('name a key that the kind does not know', () => {
    expect(firstIssue({ json: '$.a', equal: 1 })).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['equal'],
      path: [],
    });
  });

  it('show an editor one choice for each kind, with a description for each field', () => {
    const shown = z.toJSONSchema(assertionSchema(), { io: 'input' });
    expect(shown.anyOf).toHaveLength(assertionKinds().length);
    expect(JSON.stringify(shown)).not.toContain('$ref');
    for (const choice of shown.anyOf ?? []) {
      expect(choice.additionalProperties).toBe(false);
      for (const field of Object.values(choice.properties ?? {})) expect(field).toHaveProperty('description');
    }
  });
});
