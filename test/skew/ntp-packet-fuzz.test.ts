import { describe, expect, it } from 'vitest';
import { judgeReply, type NtpReply } from '../../src/skew/ntp-packet.ts';
import { enduranceRounds, enduranceSeed } from '../support/endurance.ts';
import { encodeReply, goodHeader } from './ntp-reply.ts';

const rounds = enduranceRounds(1_000_000);

/** xorshift128: the same packets each time for the same seed, and quick enough to make a million. */
function createNoise(seed: number): () => number {
  let [a, b, c, d] = [seed, 362_436_069, 521_288_629, 88_675_123];
  return () => {
    const t = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    d = (d ^ (d >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return d;
  };
}

const transmit = 0xdead_beef_0123_4567n;
/** Its reference would be the code of a kiss, were its stratum 0. */
const good = encodeReply({ ...goodHeader(transmit, Date.UTC(2026, 0, 1)), referenceId: Buffer.from('RATE') });

/** By a reading of the bytes of its own, whether the checks forbid to believe a packet. */
function isForbidden(bytes: Buffer): boolean {
  if (bytes.length < 48 || bytes.readBigUInt64BE(24) !== transmit) return true;
  const [first = 0, stratum = 0] = bytes;
  const precisionSeconds = 2 ** bytes.readInt8(3);
  const rootSeconds = bytes.readUInt32BE(4) / 65_536 / 2 + bytes.readUInt32BE(8) / 65_536 + precisionSeconds;
  const reference = bytes.readBigUInt64BE(16);
  const [receive, sent] = [bytes.readBigUInt64BE(32), bytes.readBigUInt64BE(40)];
  const age = (earlier: bigint) => (sent - earlier) & (2n ** 64n - 1n);
  return (
    (first & 7) !== 4 ||
    ((first >> 3) & 7) < 3 ||
    ((first >> 3) & 7) > 4 ||
    first >> 6 === 3 ||
    stratum === 0 ||
    stratum > 15 ||
    rootSeconds >= 1 ||
    receive === 0n ||
    sent === 0n ||
    age(receive) > 2n ** 63n ||
    (reference !== 0n && age(reference) > 2n ** 63n)
  );
}

/** Pure noise of any length, a good packet cut short, or one with some bytes or bits changed. */
function createPacket(noise: () => number): Buffer {
  const way = noise() % 8;
  if (way === 0) {
    const bytes = Buffer.allocUnsafe(noise() % 80);
    for (let at = 0; at < bytes.length; at++) bytes[at] = noise();
    return bytes;
  }
  if (way === 1) return good.subarray(0, noise() % 49);
  const bytes = Buffer.from(good);
  const changes = 1 + (noise() % 4);
  for (let change = 0; change < changes; change++) {
    // Mostly around the origin timestamp: with another one, no check behind it is met.
    const at = way < 4 ? noise() % 48 : (32 + (noise() % 40)) % 48;
    bytes[at] = noise() % 2 === 0 ? noise() : (bytes[at] ?? 0) ^ (1 << (noise() % 8));
  }
  return bytes;
}

describe(`${rounds.toLocaleString('en')} random and mutated packets`, { timeout: rounds / 10 }, () => {
  it('make the codec neither throw nor believe what the checks forbid, nor refuse what they allow', () => {
    const noise = createNoise(20_260_100 + enduranceSeed);
    const met: Record<NtpReply['kind'] | 'foreign', number> = { time: 0, kiss: 0, refused: 0, foreign: 0 };
    const wrong: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const packet = createPacket(noise);
      const kind = judgeReply(packet, transmit)?.kind ?? 'foreign';
      met[kind] += 1;
      if ((kind === 'time') === isForbidden(packet)) wrong.push(packet.toString('hex'));
    }
    expect(wrong).toEqual([]);
    // Noise that never gets past the first check would prove nothing.
    for (const count of Object.values(met)) expect(count).toBeGreaterThan(rounds / 1000);
  });
});
