import { describe, expect, it } from 'vitest';
import type { ClockVerdict } from '../../src/model/clock.ts';
import { createClockLog } from '../../src/sinks/clock-log.ts';
import type { Log, LogFields } from '../../src/sinks/log.ts';
import { sampleClock } from '../support/sample-clock.ts';

function createWatchedLog() {
  const lines: { level: string; fields: LogFields; message: string }[] = [];
  const writer = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  const log: Log = {
    isOn: () => true,
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
  return { clockLog: createClockLog(log), lines };
}

function lineOf(verdict: ClockVerdict) {
  const { clockLog, lines } = createWatchedLog();
  clockLog.report(verdict);
  expect(lines).toHaveLength(1);
  return lines[0];
}

const [used, , outvoted, silent] = sampleClock.sources;
const well: ClockVerdict = {
  state: 'ok',
  skewMs: 2,
  uncertaintyMs: 8,
  toleranceMs: 1_000,
  reason: 'all agree',
  sources: used ? [used] : [],
};

describe('the log of the clock', () => {
  it('warns of a clock that is off, with who says so, who is outvoted and who is silent', () => {
    expect(lineOf(sampleClock)).toEqual({
      level: 'warn',
      message:
        "This host's clock is 400.0 s ahead of true time, give or take 8 ms; 2 of 4 time servers agree. Outvoted: ntp3.example.net (its own clock is 1000.0 s ahead).",
      fields: {
        clock: 'ahead',
        skew_ms: 400_012.3,
        uncertainty_ms: 8,
        tolerance_ms: 1_000,
        used: ['ntp1.example.net', 'ntp2.example.net', 'https://api.example.com'],
        not_used: [
          'ntp3.example.net (its own clock is 1000.0 s ahead)',
          'ntp4.example.net:1123 (no answer came within 2000 ms)',
        ],
      },
    });
  });

  it('is calm when all is well, and warns when a source is outvoted or nothing is known', () => {
    expect(lineOf(well)?.level).toBe('info');
    expect(lineOf(well)?.fields).not.toHaveProperty('not_used');
    expect(lineOf({ ...well, sources: silent ? [silent] : [] })?.level).toBe('info');
    expect(lineOf({ ...well, sources: outvoted ? [outvoted] : [] })?.level).toBe('warn');
    const { level, fields } = lineOf({ state: 'unknown', toleranceMs: 1_000, reason: 'x', sources: [] }) ?? {};
    expect(level).toBe('warn');
    expect(fields).toEqual({ clock: 'unknown', tolerance_ms: 1_000, used: [] });
  });

  it('warns of an origin whose headers are refused, and of no time server that is', () => {
    const problem = 'its Date headers contradict one another';
    const refused = { source: 'https://x', kind: 'date', state: 'refused', problem } as const;
    const line = lineOf({ ...well, sources: [...well.sources, refused] });
    expect(line?.level).toBe('warn');
    expect(line?.message).toMatch(/ Refused: https:\/\/x \(its Date headers contradict one another\)\.$/);
    expect(lineOf({ ...well, sources: [{ ...refused, kind: 'ntp' }] })?.message).not.toContain('Refused');
  });

  it('names those that answer where there is no majority', () => {
    const source = { source: 'a', kind: 'ntp', state: 'undecided' } as const;
    const line = lineOf({ state: 'unknown', toleranceMs: 1_000, reason: 'they disagree', sources: [source] });
    expect(line?.fields.not_used).toEqual(['a (undecided)']);
  });

  it('tells a step, and which way it went', () => {
    const { clockLog, lines } = createWatchedLog();
    clockLog.stepped(-90_000.04);
    expect(lines).toEqual([
      {
        level: 'warn',
        message:
          'The wall clock jumped to 90.0 s behind where it was: it was set, or this host was suspended. Measuring begins anew.',
        fields: { stepped_ms: -90_000 },
      },
    ]);
  });
});
