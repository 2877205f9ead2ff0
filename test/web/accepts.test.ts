import { describe, expect, it } from 'vitest';
import { acceptsGzip, prefersOpenMetrics } from '../../src/web/accepts.ts';

describe('acceptsGzip', () => {
  it.each([
    'gzip',
    'GZIP',
    'x-gzip',
    'br;q=1.0, gzip;q=0.8, *;q=0.1',
    'gzip, identity',
    'identity;q=0.5, gzip;q=0.5',
    '*',
    'gzip;q=0.1',
    'identity;q=0, *',
  ])('takes "%s" for yes', (offer) => expect(acceptsGzip(offer)).toBe(true));

  it.each([
    undefined,
    '',
    'identity',
    'br',
    'gzip;q=0',
    'gzip;q=0.000, *',
    '*;q=0',
    'identity, gzip;q=0.5',
    'gzip;q=0.5, *;q=0.9',
    'gzip;q=much',
    'gzipped',
  ])('takes "%s" for no', (offer) => expect(acceptsGzip(offer)).toBe(false));
});

describe('prefersOpenMetrics', () => {
  it.each([
    ['application/openmetrics-text', true],
    ['application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;q=0.9,text/plain;q=0.7', true],
    ['application/openmetrics-text;q=0.7,text/plain;q=0.7', true],
    ['application/openmetrics-text;q=0.6,text/plain;q=0.7', false],
    ['*/*', false],
    [undefined, false],
  ])('of "%s" is %s', (accept, prefers) => expect(prefersOpenMetrics(accept)).toBe(prefers));
});
