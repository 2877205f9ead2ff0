import { describe, expect, it } from 'vitest';
import { decodeHeader, encodeRequest, judgeReply, type NtpHeader } from '../../src/skew/ntp-packet.ts';
import { encodeReply, goodHeader, transmitOf } from './ntp-reply.ts';

const transmit = 0xdead_beef_0123_4567n;
const nowMs = Date.UTC(2026, 0, 1);

const judge = (change: Partial<NtpHeader>) =>
  judgeReply(encodeReply({ ...goodHeader(transmit, nowMs), ...change }), transmit);

describe('a request', () => {
  it('is of version 4 and mode client, and tells nothing but its random transmit timestamp', () => {
    const bytes = encodeRequest(transmit);
    expect(bytes).toHaveLength(48);
    expect(bytes[0]).toBe(0b00_100_011);
    expect(bytes.slice(1, 40).every((byte) => byte === 0)).toBe(true);
    expect(transmitOf(bytes)).toBe(transmit);
  });
});

describe('a header', () => {
  it('is read as RFC 5905 lays it out', () => {
    const header: NtpHeader = {
      leap: 1,
      version: 3,
      mode: 5,
      stratum: 7,
      precisionMs: 2 ** -6 * 1000,
      rootDelayMs: 1500,
      rootDispersionMs: 250,
      referenceId: Uint8Array.from(Buffer.from('GPS\0')),
      reference: 1n,
      origin: 2n,
      receive: 2n ** 63n,
      transmit: 2n ** 64n - 1n,
    };
    expect(decodeHeader(encodeReply(header))).toEqual(header);
  });

  it('is read from the middle of a buffer, and whatever follows it is left alone', () => {
    const reply = encodeReply(goodHeader(transmit, nowMs));
    const around = Buffer.concat([Buffer.alloc(7, 255), reply, Buffer.alloc(20, 255)]);
    expect(decodeHeader(around.subarray(7))).toEqual(decodeHeader(reply));
  });
});

describe('a reply', () => {
  it('of a synchronised server is believed', () => {
    expect(judge({})).toMatchObject({ kind: 'time', header: { stratum: 2, leap: 0 } });
  });

  it.each([
    ['of version 3, the one before', { version: 3 }],
    ['of the last stratum that is synchronised', { stratum: 15 }],
    ['on the day of a leap second', { leap: 1 }],
    ['that does not tell when its clock was set', { reference: 0n }],
    ['just within the root distance', { rootDelayMs: 1000, rootDispersionMs: 499 }],
  ])('%s is believed', (_, change) => {
    expect(judge(change)).toMatchObject({ kind: 'time' });
  });

  it.each([
    ['with another origin timestamp', encodeReply(goodHeader(transmit + 1n, nowMs))],
    ['that is our own request sent back', Buffer.from(encodeRequest(transmit))],
    ['that is cut short', encodeReply(goodHeader(transmit, nowMs)).subarray(0, 47)],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is none to our request', (_, bytes) => {
    expect(judgeReply(bytes, transmit)).toBeUndefined();
  });

  it.each([
    ['in the mode of a client', { mode: 3 }, 'its mode is 3, not that of a server'],
    ['in the mode of a broadcast', { mode: 5 }, 'its mode is 5, not that of a server'],
    ['of version 2', { version: 2 }, 'its version is 2'],
    ['of version 5', { version: 5 }, 'its version is 5'],
    ['without a receive timestamp', { receive: 0n }, 'it does not tell the time'],
    ['without a transmit timestamp', { transmit: 0n }, 'it does not tell the time'],
    [
      'that left before the request came',
      { receive: goodHeader(0n, nowMs + 1).receive },
      'it says that it answered before our request came',
    ],
    [
      'of a clock set later',
      { reference: goodHeader(0n, nowMs + 1).receive },
      'it says that its clock was last set after it answered',
    ],
  ])('%s is refused as malformed', (_, change, message) => {
    expect(judge(change)).toEqual({ kind: 'refused', code: 'NTP_BAD_REPLY', message });
  });

  it.each([
    ['with leap 3', { leap: 3 }, 'it says that its clock is not synchronised'],
    [
      'of stratum 0 without the code of a kiss',
      { stratum: 0, receive: 0n, referenceId: Buffer.alloc(4) },
      'its stratum is 0: it is not synchronised',
    ],
    [
      'of stratum 0 with a code that is no text',
      { stratum: 0, referenceId: Buffer.from('\x1b[2J') },
      'its stratum is 0: it is not synchronised',
    ],
    ['of stratum 16', { stratum: 16 }, 'its stratum is 16: it is not synchronised'],
    ['of stratum 255', { stratum: 255 }, 'its stratum is 255: it is not synchronised'],
    [
      'with a root distance of a second',
      { rootDelayMs: 1000, rootDispersionMs: 500 },
      'it may itself be wrong by 1000 ms (root distance), more than 1000 ms',
    ],
    [
      'with an absurd precision',
      { precisionMs: 2 ** 127 * 1000 },
      expect.stringMatching(/^it may itself be wrong by .* ms \(root distance\), more than 1000 ms$/),
    ],
  ])('%s is refused as not synchronised', (_, change, message) => {
    expect(judge(change)).toEqual({ kind: 'refused', code: 'NTP_NOT_SYNCHRONISED', message });
  });

  it.each([
    ['RATE', 'RATE'],
    ['DENY', 'DENY'],
    ['RSTR', 'RSTR'],
    ['ACT\0', 'ACT'],
  ])('of stratum 0 is a kiss: %j is %s', (id, code) => {
    const kiss = { stratum: 0, leap: 3, referenceId: Buffer.from(id, 'latin1'), receive: 0n, transmit: 0n };
    expect(judge(kiss)).toEqual({ kind: 'kiss', code });
  });

  it('of stratum 0 from somebody who does not know our request is no kiss: nobody else can silence a server', () => {
    const kiss = { ...goodHeader(transmit + 1n, nowMs), stratum: 0, referenceId: Buffer.from('DENY') };
    expect(judgeReply(encodeReply(kiss), transmit)).toBeUndefined();
  });
});
