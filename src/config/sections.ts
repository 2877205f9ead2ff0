import { z } from 'zod';
import { parseTimeServer, timeServerExpectation } from '../model/host-port.ts';
import { duration, percentage } from './fields.ts';
import { listenExpectation, parseListen } from './listen.ts';

export const serverSchema = z.strictObject({
  listen: z
    .string()
    .refine((text) => parseListen(text) !== undefined, { error: listenExpectation })
    .describe('HOST:PORT of metrics, health and pages. Beyond loopback only metrics and health are served.')
    .prefault('127.0.0.1:7663'),
  allow_reload: z.boolean().describe('Whether POST /-/reload is answered.').default(false),
});

export const stateDirSchema = z
  .string()
  .min(1)
  .describe('The folder of tokens and the control socket, relative to the working directory.')
  .default('./state');

export const shutdownGraceSchema = duration('How long running checks may go on after SIGTERM.', '0s').prefault('10s');

export const keepRunsSchema = z
  .int()
  .min(1)
  .max(1_000)
  .describe(
    'Runs of each check that are kept in memory with what they met: so many that passed, and so many that did not.',
  )
  .default(10);

export const defaultsSchema = z.strictObject({
  every: duration('The interval of checks without `every` or `cron`.', '100ms').prefault('30s'),
  timeout: duration('The timeout of checks and tokens without `timeout`.', '1ms').prefault('5s'),
});

export const clockSchema = z.strictObject({
  servers: z
    .array(z.string().refine((text) => parseTimeServer(text) !== undefined, { error: timeServerExpectation }))
    .describe('NTP servers to measure this host against; none means none.')
    .default([]),
  every: duration('The time between two measurements.', '1s').prefault('5m'),
  tolerance: duration('How far this host may be from true time.', '1ms').prefault('1s'),
  correct_assertions: z
    .boolean()
    .describe("Whether what sonde signs is stamped with true time, as far as it is known, instead of this host's.")
    .default(false),
});

/** Of a histogram that every check has: more would be a load for Prometheus sooner than an insight. */
const mostLatencyBuckets = 20;

export const metricsSchema = z.strictObject({
  environment_label: z
    .boolean()
    .describe('Whether every metric has the label `environment` with the name that --env gives.')
    .default(false),
  uncertainty_share: percentage(
    'From which share of a latency on a doubt about it keeps it out of the histogram.',
    'latency',
  ).prefault('20%'),
  latency_buckets: z
    .array(duration('The upper bound of a bucket.', '1ms'))
    .min(1)
    .max(mostLatencyBuckets)
    .describe('Upper bounds of the buckets of sonde_latency_seconds, ascending; each is a series of every check.')
    .refine((bounds) => bounds.every((ms, index) => index === 0 || ms > (bounds[index - 1] as number)), {
      error: 'expected durations that ascend',
    })
    .optional(),
});

export const plaintextSchema = z
  .boolean()
  .describe('Lets secrets stand in plain text, for labs. Without it, one that does is an error.')
  .default(false);

const ratePattern = /^(\d{1,9}(?:\.\d{1,6})?)\/(s|m|h|d)$/;
const rateSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function parseRate(text: string): number {
  const [amount = '', unit = ''] = text.split('/');
  return Number(amount) / (rateSeconds[unit] as number);
}

const rateForm = 'expected a rate such as 5/s, 300/m or 1000/h';

export const budgetSchema = z.strictObject({
  rate: z
    .string({ error: rateForm })
    .regex(ratePattern, { error: rateForm, abort: true })
    .describe('Requests in a second, minute, hour or day: 5/s, 300/m, 1000/h.')
    .transform(parseRate)
    .refine((rate) => rate > 0 && rate <= 1_000_000, { error: 'expected a rate above 0 and up to 1000000/s' }),
  burst: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe('Requests that may be made at once after a rest. Without it: those of one second, at least 1.')
    .optional(),
  reserve_for_tokens: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe('Requests of the burst that only the refresh of tokens may take.')
    .default(0),
});
