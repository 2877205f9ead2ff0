import type { ClockVerdict } from '../../src/model/clock.ts';

/** 400 s ahead, by two time servers; a third is wrong, a fourth silent, and an origin agrees. */
export const sampleClock: ClockVerdict = {
  state: 'ahead',
  skewMs: 400_012.3,
  uncertaintyMs: 8,
  toleranceMs: 1_000,
  reason: '2 of 4 time servers agree',
  sources: [
    {
      source: 'ntp1.example.net',
      kind: 'ntp',
      state: 'used',
      skewMs: 400_012,
      uncertaintyMs: 9,
      ageMs: 90_000,
      stratum: 2,
    },
    { source: 'ntp2.example.net', kind: 'ntp', state: 'used', skewMs: 400_013, uncertaintyMs: 20, ageMs: 90_000 },
    {
      source: 'ntp3.example.net',
      kind: 'ntp',
      state: 'outvoted',
      skewMs: -599_988,
      uncertaintyMs: 9,
      ageMs: 90_000,
      stratum: 3,
      problem: 'its own clock is 1000.0 s ahead',
    },
    { source: 'ntp4.example.net:1123', kind: 'ntp', state: 'silent', problem: 'no answer came within 2000 ms' },
    {
      source: 'https://api.example.com',
      kind: 'date',
      state: 'used',
      skewMs: 399_600,
      uncertaintyMs: 560,
      ageMs: 12_000,
    },
  ],
};
