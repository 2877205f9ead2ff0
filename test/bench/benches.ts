import type { Bench } from './bench-figure.ts';
import { clockBench } from './clock.ts';
import { cost } from './cost.ts';
import { growth } from './growth.ts';
import { lateness } from './lateness.ts';
import { limiterBench } from './limiter.ts';
import { outage } from './outage.ts';
import { scrape } from './scrape.ts';
import { start } from './start.ts';
import { truth } from './truth.ts';

/** In the order of the page. */
export const benches: readonly Bench[] = [cost, truth, lateness, scrape, growth, start, limiterBench, clockBench];

/** Those that are measured only where they are named, since they take long and have no aim. */
export const benchesAside: readonly Bench[] = [outage];

/** What `compare` measures unless benches are named: what a change of the code is likeliest to move. */
export const comparedBenches: readonly Bench[] = [cost, growth, start];

/** These take parts of the tree as it is instead of the built program, so they compare no revisions. */
export const benchesOfTree: readonly Bench[] = [limiterBench, clockBench];
