import { createSocket } from 'node:dgram';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileAssertions } from '../../src/assertions/compile-assertions.ts';
import { diagnoseRun } from '../../src/diagnosis/diagnose-run.ts';
import type { NtpFacts, Observation } from '../../src/model/observation.ts';
import { createDatagramClient } from '../../src/net/datagram.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { PermitRefused } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { ntpKind } from '../../src/probes/ntp.ts';
import type { NtpHeader } from '../../src/skew/ntp-packet.ts';
import { freeUdpPort, listenUdp } from '../net/udp-loopback.ts';
import { startFakeNtpServer } from '../skew/fake-ntp-server.ts';
import { loadText, loadWell } from '../support/load-text.ts';
import { createProbeWorld } from './probe-world.ts';

async function createWorld(port: number) {
  const world = createProbeWorld();
  const { system } = world;
  const resolver = createResolver(system);
  const http = createHttpClient(system, resolver);
  onTestFinished(() => http.close());
  const datagrams = createDatagramClient(system, resolver);
  const probe = await ntpKind.bind({ server: `127.0.0.1:${port}` }, { system, http, datagrams });
  return { ...world, probe };
}

/** Runs against a fake server that is `aheadMs` behind us. */
async function runAgainst(aheadMs: number, change: Partial<NtpHeader> = {}) {
  let nowMs = () => 0;
  const port = await startFakeNtpServer(
    () => nowMs() - aheadMs,
    () => change,
  );
  const world = await createWorld(port);
  nowMs = world.system.clock.wallMs;
  return { ...world, observation: await world.probe(world.context) };
}

const judge = (observation: Observation, entries: readonly unknown[]) =>
  compileAssertions(entries, ntpKind.assertions).map((assertion) => assertion(observation, 0, (text) => text));

describe('a check of a fake time server', () => {
  it('tells what the server said, for one permit', async () => {
    const { observation, budget } = await runAgainst(250);
    expect(observation).toEqual({
      phases: { resolve: 0, wait: 0 },
      uncertaintyMs: 0,
      facts: {
        address: '127.0.0.1',
        ipVersion: 4,
        ntp: {
          skewMs: 250,
          delayMs: 0,
          stratum: 2,
          leap: 0,
          rootDistanceMs: expect.closeTo(0, 2),
          uncertaintyMs: expect.closeTo(1, 2),
        },
      },
    });
    expect(budget.level()).toBe(99);
    expect(diagnoseRun({ observation, verdicts: judge(observation, []) })).toEqual({ kind: 'passed' });
  });

  const keptTo = 'gave no time to go by';
  const brokeIt = 'did not keep to the protocol';
  it.each([
    [{ leap: 3 }, 'NTP_NOT_SYNCHRONISED', keptTo, 'it says that its clock is not synchronised'],
    [{ stratum: 16 }, 'NTP_NOT_SYNCHRONISED', keptTo, 'its stratum is 16: it is not synchronised'],
    [{ mode: 3 }, 'NTP_BAD_REPLY', brokeIt, 'its mode is 3, not that of a server'],
    [
      { stratum: 0, referenceId: Buffer.from('DENY') },
      'NTP_KISS_OF_DEATH',
      keptTo,
      "the server refuses this host (kiss-o'-death DENY)",
    ],
    [
      { stratum: 0, referenceId: Buffer.from('RATE') },
      'NTP_KISS_OF_DEATH',
      keptTo,
      "the server says that it is asked too often (kiss-o'-death RATE)",
    ],
  ])('errors when its answer %j is not believed', async (change, code, what, message) => {
    const { observation } = await runAgainst(0, change);
    expect(observation).toMatchObject({ facts: { address: '127.0.0.1' }, failure: { phase: 'wait', code, message } });
    expect(observation.facts.ntp).toBeUndefined();
    expect(diagnoseRun({ observation, verdicts: [] })).toEqual({
      kind: 'errored',
      cause: {
        code: 'protocol_error',
        detail: `the target ${what}: ${message}`,
        evidence: { address: '127.0.0.1', code, phase: 'wait' },
      },
    });
  });

  it('errors when nobody listens', async () => {
    const { probe, context } = await createWorld(await freeUdpPort());
    const observation = await probe(context);
    const detail = 'the connection to the target was refused: nothing listens there';
    expect(diagnoseRun({ observation, verdicts: [] })).toMatchObject({ cause: { code: 'connect_refused', detail } });
  });

  it('errors when no answer comes in time', async () => {
    let late = () => {};
    const port = await listenUdp(() => late());
    const { probe, context, system } = await createWorld(port);
    late = () => void system.clock.advance(60_000);
    const observation = await probe(context);
    expect(diagnoseRun({ observation, verdicts: [] })).toMatchObject({ cause: { code: 'timeout' } });
  });

  it('sends nothing without a permit', async () => {
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    const { probe, context } = await createWorld(9);
    const refused = new PermitRefused('bound_passed');
    await expect(probe({ ...context, permit: () => Promise.reject(refused) })).rejects.toBe(refused);
  });
});

describe('assertions of the kind ntp', () => {
  const seen = (facts: Partial<NtpFacts>): Observation => ({
    phases: {},
    facts: {
      ntp: { skewMs: 0, uncertaintyMs: 3.21, delayMs: 4, stratum: 2, leap: 0, rootDistanceMs: 1, ...facts },
    },
  });
  const silent: Observation = { phases: {}, facts: {}, failure: { phase: 'wait', code: 'TIMEOUT', message: 'x' } };

  it.each([
    [100, true, 'this host 100 ms ahead, give or take 3.2 ms'],
    [-99.96, true, 'this host 100 ms behind, give or take 3.2 ms'],
    [100.1, false, 'this host 100.1 ms ahead, give or take 3.2 ms'],
    [-5000, false, 'this host 5000 ms behind, give or take 3.2 ms'],
  ])('hold an offset of %d ms against 100 ms: %s', (skewMs, holds, got) => {
    const [, verdict] = judge(seen({ skewMs }), [{ offset: { within: '100ms' } }]);
    expect(verdict).toEqual({ assertion: 'offset', holds, expected: 'offset within 100ms', got });
  });

  it.each([
    [3, true],
    [4, false],
  ])('hold stratum %d against 4: %s', (stratum, holds) => {
    const [, verdict] = judge(seen({ stratum }), [{ stratum: { below: 4 } }]);
    expect(verdict).toEqual({ assertion: 'stratum', holds, expected: 'stratum below 4', got: `stratum ${stratum}` });
  });

  it('do not hold when no answer came', () => {
    expect(judge(silent, [{ offset: { within: '1s' } }, { stratum: { below: 4 } }])).toMatchObject([
      {},
      { holds: false, got: 'no offset: the answer never came' },
      { holds: false, got: 'no stratum: the answer never came' },
    ]);
  });

  it('have descriptions for editors, and no transforms', () => {
    for (const { schema } of ntpKind.assertions ?? [])
      expect(JSON.stringify(z.toJSONSchema(schema, { io: 'output' }))).toContain('description');
  });
});

describe('the configuration of the kind ntp', () => {
  it.each([
    ['time.example.net', 'time.example.net'],
    ['time.example.net:123', 'time.example.net'],
    ['192.0.2.1:1123', '192.0.2.1:1123'],
    ['"2001:db8::1"', '2001:db8::1'],
    ['"[2001:db8::1]:1123"', '[2001:db8::1]:1123'],
  ])('takes %s', async (server, display) => {
    const { configuration } = await loadWell(
      `checks:\n  a:\n    ntp: ${server}\n    assert: [{ offset: { within: 1s } }, { stratum: { below: 4 } }]`,
    );
    expect(ntpKind.target(ntpKind.schema.parse(configuration.checks[0]?.spec))).toEqual({ display, plaintext: false });
  });

  it('tells of a server that is none, and of assertions that are wrong', async () => {
    const { problems } = await loadText(
      'checks:\n  a:\n    ntp: a b\n    assert: [{ offset: { within: soon } }, { stratum: { below: 1 } }]',
    );
    expect(problems).toEqual([
      expect.stringContaining(
        'checks.a.ntp.server is "a b"; expected a host or HOST:PORT such as ntp.example.net or [2001:db8::1]:123',
      ),
      expect.stringContaining('checks.a.assert.0.offset.within is "soon"; expected a duration such as 250ms or 2s'),
      expect.stringContaining('checks.a.assert.1.stratum.below is 1; expected at least 2'),
    ]);
  });

  it('is refused where its port is 0: nothing can listen there', async () => {
    const { problems } = await loadText('checks:\n  a:\n    ntp: 127.0.0.1:0');
    expect(problems).toEqual([expect.stringContaining('checks.a.ntp.server is "127.0.0.1:0"; expected a host or')]);
  });
});
