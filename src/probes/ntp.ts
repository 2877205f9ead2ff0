import { z } from 'zod';
import { type HostPort, ntpPort, parseTimeServer, showHostPort, timeServerExpectation } from '../model/host-port.ts';
import type { NtpFacts, Observation } from '../model/observation.ts';
import { askNtp, type NtpSample } from '../skew/ntp-exchange.ts';
import { offsetKind, stratumKind } from './ntp-assertions.ts';
import type { ProbeKind, ProbePorts, RunContext } from './probe.ts';

const schema = z.strictObject({
  server: z
    .string()
    .refine((text) => parseTimeServer(text) !== undefined, { error: timeServerExpectation })
    .describe('The time server: a host, or HOST:PORT where the port is not 123.'),
});

type NtpSpec = z.infer<typeof schema>;

/** Asks one time server for the time, by one packet (SNTP, RFC 5905 section 14). */
export const ntpKind: ProbeKind<NtpSpec> = {
  kind: 'ntp',
  mainKey: 'server',
  schema,
  assertions: [offsetKind, stratumKind],
  target: (spec) => ({ display: showHostPort(addressOf(spec), ntpPort), plaintext: false }),
  async bind(spec, ports) {
    const address = addressOf(spec);
    return (context) => run(address, ports, context);
  },
};

function addressOf({ server }: NtpSpec): HostPort {
  return parseTimeServer(server) as HostPort;
}

async function run(
  address: HostPort,
  { system: { random }, datagrams }: ProbePorts,
  { permit, deadline }: RunContext,
): Promise<Observation> {
  const exchange = await askNtp({ datagrams, random }, await permit(), address, deadline);
  const { phases, uncertaintyMs = 0, answer, ...reached } = exchange;
  const timing = { phases, uncertaintyMs };
  if (answer.kind === 'time') return { ...timing, facts: { ...reached, ntp: ntpFacts(answer.sample) } };
  return { ...timing, facts: reached, failure: answer.failure };
}

function ntpFacts({ atMs: _atMs, monotonicSkewMs: _, ...facts }: NtpSample): NtpFacts {
  return facts;
}
