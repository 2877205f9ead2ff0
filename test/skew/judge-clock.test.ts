import { describe, expect, it } from 'vitest';
import type { ClockReading, ClockSourceView } from '../../src/model/clock.ts';
import type { DateStanding } from '../../src/skew/date-clock.ts';
import type { DateOrigin } from '../../src/skew/date-origins.ts';
import { judgeClock } from '../../src/skew/judge-clock.ts';
import type { NtpServerView } from '../../src/skew/ntp-standing.ts';

const nowMs = 1_000_000;

function reading(
  source: string,
  kind: ClockReading['kind'],
  skewMs: number,
  uncertaintyMs: number,
  ageMs = 0,
): ClockReading {
  return { source, kind, skewMs, lowMs: skewMs - uncertaintyMs, highMs: skewMs + uncertaintyMs, atMs: nowMs - ageMs };
}

function server(source: string, skewMs: number, uncertaintyMs = 10, ageMs = 0): NtpServerView {
  return {
    source,
    state: 'answering',
    reading: reading(source, 'ntp', skewMs, uncertaintyMs, ageMs),
    stratum: 2,
  };
}

function mute(source: string, state: 'silent' | 'refused' | 'waiting' = 'silent'): NtpServerView {
  return { source, state, problem: 'no answer came' };
}

function origin(source: string, skewMs: number, uncertaintyMs = 500, is: DateStanding = 'steady'): DateOrigin {
  return { reading: reading(source, 'date', skewMs, uncertaintyMs), standing: is };
}

function judge(servers: readonly NtpServerView[], origins: readonly DateOrigin[] = [], toleranceMs = 1_000) {
  return judgeClock({ servers, origins, toleranceMs, nowMs });
}

const states = (sources: readonly ClockSourceView[]) => sources.map(({ source, state }) => `${source} ${state}`);

describe('the verdict on the clock', () => {
  it('is that of most of the servers, and names the one that is outvoted, with its own error', () => {
    const verdict = judge([server('a', 5), server('b', -3), server('c', 1_000_001)]);
    expect(verdict).toMatchObject({ state: 'ok', reason: '2 of 3 time servers agree' });
    expect(Math.abs(verdict.skewMs as number)).toBeLessThan(10);
    expect(states(verdict.sources)).toEqual(['a used', 'b used', 'c outvoted']);
    expect(verdict.sources[2]).toMatchObject({ problem: 'its own clock is 1000.0 s behind', stratum: 2 });
  });

  it('is unknown while one server of three answers, whatever the origins say: a guess is none', () => {
    const verdict = judge([server('a', 5), mute('b'), mute('c', 'refused')], [origin('https://x', 0)]);
    expect(verdict).toMatchObject({
      state: 'unknown',
      reason: 'only 1 of 3 time servers answers, and 2 of 3 have to agree',
    });
    expect(verdict).not.toHaveProperty('skewMs');
    expect(verdict).not.toHaveProperty('uncertaintyMs');
    expect(states(verdict.sources)).toEqual(['a undecided', 'b silent', 'c refused', 'https://x undecided']);
  });

  it('is unknown where servers disagree', () => {
    expect(judge([server('a', 0), server('b', 5_000)])).toMatchObject({
      state: 'unknown',
      reason: 'the time servers disagree, and 2 of 2 have to agree',
    });
    expect(judge([server('a', 0), server('b', 5_000), mute('c'), mute('d'), mute('e')])).toMatchObject({
      state: 'unknown',
      reason: 'only 2 of 5 time servers answer, and 3 of 5 have to agree',
    });
  });

  it('rests on one server where no more are named, and says so', () => {
    expect(judge([server('a', 3_000)])).toMatchObject({ state: 'ahead', reason: 'the one time server says so' });
  });

  it('names an origin that contradicts the servers, and uses one that does not', () => {
    const verdict = judge([server('a', 0)], [origin('https://good', 300), origin('https://off', -4_000)]);
    expect(verdict.state).toBe('ok');
    expect(states(verdict.sources)).toEqual(['a used', 'https://good used', 'https://off outvoted']);
    expect(verdict.sources[2]?.problem).toBe('its own clock is 4.0 s ahead');
  });

  it('is that of most of the origins where no server is named or none answers', () => {
    const origins = [origin('https://x', 400_000), origin('https://y', 399_800), origin('https://z', 0)];
    const alone = judge([], origins);
    expect(alone).toMatchObject({ state: 'ahead', reason: '2 of 3 origins agree by their Date headers' });
    expect(alone.skewMs).toBeCloseTo(399_900, -1);
    expect(alone.uncertaintyMs).toBeCloseTo(400, -1);
    expect(states(alone.sources)).toEqual(['https://x used', 'https://y used', 'https://z outvoted']);
    expect(judge([mute('a'), mute('b')], [origin('https://x', -400_000)])).toMatchObject({
      state: 'behind',
      reason: 'the Date headers of one origin say so, no time server answers',
    });
  });

  it('leaves the origins aside while a server is still being asked: one that is off raises no alarm at the start', () => {
    for (const servers of [[mute('a', 'waiting')], [server('a', 0), mute('b'), mute('c', 'waiting')]])
      expect(judge(servers, [origin('https://x', 3_600_000)])).toMatchObject({
        state: 'unknown',
        reason: 'the time servers are being asked',
      });
    const early = [server('a', 0), server('b', 0), mute('c', 'waiting')];
    expect(judge(early, [origin('https://x', 3_600_000)]).state).toBe('ok');
    expect(judge([mute('a'), mute('b', 'refused')], [origin('https://x', 3_600_000)]).state).toBe('ahead');
  });

  it('is unknown where origins disagree, and where there are none', () => {
    expect(judge([], [origin('https://x', 0), origin('https://y', 9_000)])).toMatchObject({
      state: 'unknown',
      reason: 'the Date headers of 2 origins disagree',
    });
    expect(judge([])).toMatchObject({
      state: 'unknown',
      reason: 'no Date header that can be believed has come lately, and no time server is configured',
      sources: [],
    });
    expect(judge([mute('a')]).reason).toBe(
      'no Date header that can be believed has come lately, no time server answers',
    );
  });

  it('does not believe an origin whose headers contradict one another', () => {
    const verdict = judge([], [origin('https://x', 0, 500, 'contradictory')]);
    expect(verdict.state).toBe('unknown');
    expect(verdict.sources[0]).toMatchObject({ state: 'refused', skewMs: 0 });
    expect(verdict.sources[0]?.problem).toContain('contradict one another');
  });

  it('does not believe an origin yet whose header was not seen to go on', () => {
    const verdict = judge([], [origin('https://x', 3_600_000, 500, 'new')]);
    expect(verdict.state).toBe('unknown');
    expect(verdict.sources[0]).toMatchObject({ state: 'waiting', skewMs: 3_600_000 });
    expect(verdict.sources[0]?.problem).toContain('has not been seen to go on');
  });

  it('raises an alarm when the whole interval lies beyond the tolerance, and no earlier', () => {
    expect(judge([server('a', 1_011)]).state).toBe('ahead');
    expect(judge([server('a', 1_009)]).state).toBe('unknown');
    expect(judge([server('a', -1_011)]).state).toBe('behind');
    expect(judge([server('a', -1_009)]).state).toBe('unknown');
    expect(judge([server('a', 1_009)]).reason).toBe(
      'it lies between 999 ms ahead and 1.0 s ahead, too coarse for the tolerance; the one time server says so',
    );
  });

  it('gives the all-clear only with a measure no coarser than the tolerance', () => {
    expect(judge([server('a', 999)]).state).toBe('ok');
    expect(judge([server('a', 0, 1_000)]).state).toBe('ok');
    expect(judge([server('a', 0, 1_001)]).state).toBe('unknown');
    expect(judge([server('a', 0)], [], 5).state).toBe('unknown');
  });

  it('is less certain with the age of its readings: 100 ms in 1000 s', () => {
    const { uncertaintyMs, sources } = judge([server('a', 0, 10, 1_000_000)]);
    expect(uncertaintyMs).toBeCloseTo(110);
    expect(sources[0]).toMatchObject({ ageMs: 1_000_000, skewMs: 0 });
    expect(sources[0]?.uncertaintyMs).toBeCloseTo(110);
  });

  it('says on a server that is used what went wrong with its last packet', () => {
    const verdict = judge([{ ...server('a', 0), problem: 'asked too often' }]);
    expect(verdict.sources[0]).toMatchObject({ state: 'used', problem: 'asked too often' });
  });
});
