import type { NtpHeader } from '../../src/skew/ntp-packet.ts';

const unixEpochSeconds = 2_208_988_800n;

/** An NTP timestamp of milliseconds since 1970, rounded down to what it can hold. */
export function toNtpTimestamp(ms: number): bigint {
  const seconds = Math.floor(ms / 1000);
  const fraction = Math.floor(((ms - seconds * 1000) / 1000) * 2 ** 32);
  return BigInt.asUintN(32, BigInt(seconds) + unixEpochSeconds) * 2n ** 32n + BigInt(fraction);
}

/** What a server of stratum 2 says right away to a request that has this transmit timestamp. */
export function goodHeader(origin: bigint, nowMs: number): NtpHeader {
  const now = toNtpTimestamp(nowMs);
  return {
    leap: 0,
    version: 4,
    mode: 4,
    stratum: 2,
    precisionMs: 2 ** -20 * 1000,
    rootDelayMs: 0,
    rootDispersionMs: 0,
    referenceId: Buffer.from([127, 0, 0, 1]),
    reference: toNtpTimestamp(nowMs - 1000),
    origin,
    receive: now,
    transmit: now,
  };
}

export function encodeReply(header: NtpHeader): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeUInt8((header.leap << 6) | (header.version << 3) | header.mode, 0);
  bytes.writeUInt8(header.stratum, 1);
  bytes.writeUInt8(6, 2);
  bytes.writeInt8(Math.log2(header.precisionMs / 1000), 3);
  bytes.writeUInt32BE(Math.round((header.rootDelayMs * 2 ** 16) / 1000), 4);
  bytes.writeUInt32BE(Math.round((header.rootDispersionMs * 2 ** 16) / 1000), 8);
  bytes.set(header.referenceId, 12);
  bytes.writeBigUInt64BE(header.reference, 16);
  bytes.writeBigUInt64BE(header.origin, 24);
  bytes.writeBigUInt64BE(header.receive, 32);
  bytes.writeBigUInt64BE(header.transmit, 40);
  return bytes;
}

/** The transmit timestamp of a request. */
export function transmitOf(request: Uint8Array): bigint {
  return Buffer.from(request).readBigUInt64BE(40);
}
