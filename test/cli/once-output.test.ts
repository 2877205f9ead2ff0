import { describe, expect, it } from 'vitest';
import { junitReport } from '../../src/cli/junit.ts';
import { onceTable } from '../../src/cli/once-table.ts';
import { troubled } from '../../src/model/cause.ts';
import { sampleResult } from '../support/sample-result.ts';

const broken = sampleResult({
  check: { name: 'models & "more"', kind: 'http', target: 'https://api.test', labels: {}, intervalMs: 1000 },
  phases: { resolve: 0.4 },
  durationMs: 0.4,
  facts: {},
  outcome: troubled('dns_failure', 'the name <api.test> does not exist'),
});
const skipped = sampleResult({
  phases: {},
  facts: {},
  durationMs: 0,
  outcome: troubled('token_absent', 'no token\u0000'),
});
const failed = sampleResult({ facts: { status: 500 }, outcome: troubled('upstream_5xx', 'the target answered 500') });

describe('the table of `sonde once`', () => {
  it('has a row a check with its phases, and the cause below what did not pass', () => {
    expect(onceTable([sampleResult(), broken], { colour: false })).toMatchInlineSnapshot(`
      "check            outcome  status  resolve ms  connect ms  wait ms  total ms
      api              passed      200         0.4         1.3      251       252
      models & "more"  errored                 0.4                            0.4
        dns_failure (network): the name <api.test> does not exist
        The target's host name could not be resolved.
        What to do: Look the name up from this host; check the resolver, the network policy and the name's own records.
      "
    `);
  });

  it('is coloured by outcome in a terminal', () => {
    const table = onceTable([sampleResult(), failed, skipped], { colour: true });
    expect(table).toContain('\u001b[32mapi');
    expect(table).toContain('\u001b[31mapi');
    expect(table).toContain('\u001b[33mapi');
  });

  it('bears that there is nothing to show', () => {
    expect(onceTable([], { colour: false })).toBe('check  outcome  status  total ms\n');
  });
});

describe('the JUnit report', () => {
  it('counts and tells each kind of outcome, with all that is foreign escaped', () => {
    expect(junitReport([sampleResult(), broken, failed, skipped])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="sonde" tests="4" failures="1" errors="1" skipped="1" time="0.505">
        <testcase name="api" classname="sonde.http" time="0.252"/>
        <testcase name="models &amp; &quot;more&quot;" classname="sonde.http" time="0.000">
          <error message="dns_failure: the name &lt;api.test&gt; does not exist" type="dns_failure">The target&apos;s host name could not be resolved. Look the name up from this host; check the resolver, the network policy and the name&apos;s own records.</error>
        </testcase>
        <testcase name="api" classname="sonde.http" time="0.252">
          <failure message="upstream_5xx: the target answered 500" type="upstream_5xx">The target answered with a server error. Look at the target&apos;s status page and logs; the trace id of the run leads to its own trace.</failure>
        </testcase>
        <testcase name="api" classname="sonde.http" time="0.000">
          <skipped message="token_absent: no token�">There is no live access token to send. Look at the token&apos;s own run: its cause says why.</skipped>
        </testcase>
      </testsuite>
      "
    `);
  });
});
