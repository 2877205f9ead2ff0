/** From the first second of NTP, in 1900, to the first of Unix, in 1970. */
const unixEpochMs = 2_208_988_800_000;

/** Seconds are counted in 32 bits, so after an era of 136 years the count begins again: next on 7 February 2036. */
const eraMs = 2 ** 32 * 1000;

/**
 * Milliseconds since 1970 of a timestamp of RFC 5905 section 6, 32 bits of seconds and 32 of their fraction. It does not
 * tell its era, so the one that brings it nearest to `nearMs`, our own wall clock, is taken.
 */
export function ntpTimestampMs(timestamp: bigint, nearMs: number): number {
  const seconds = Number(timestamp >> 32n);
  const fraction = Number(timestamp & 0xffff_ffffn);
  const inFirstEraMs = seconds * 1000 - unixEpochMs + (fraction * 1000) / 2 ** 32;
  return inFirstEraMs + Math.round((nearMs - inFirstEraMs) / eraMs) * eraMs;
}

/** Whether `a` is later than `b`, where the two are less than half an era apart. */
export function isLater(a: bigint, b: bigint): boolean {
  return BigInt.asIntN(64, a - b) > 0n;
}
