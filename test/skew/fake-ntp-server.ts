import type { NtpHeader } from '../../src/skew/ntp-packet.ts';
import { listenUdp } from '../net/udp-loopback.ts';
import { encodeReply, goodHeader, transmitOf } from './ntp-reply.ts';

/** A fake time server on loopback, true to `nowMs` in all that `change` does not say otherwise. Gives its port. */
export function startFakeNtpServer(
  nowMs: () => number,
  change: () => Partial<NtpHeader> = () => ({}),
): Promise<number> {
  return listenUdp((request, reply) =>
    reply(encodeReply({ ...goodHeader(transmitOf(request), nowMs()), ...change() })),
  );
}
