import type { Bench } from './bench-figure.ts';
import { outage } from './outage.ts';
import { truth } from './truth.ts';

/** In the order of the page. */
export const benches: readonly Bench[] = [truth];

/** Those that are measured only where they are named, since they take long and have no aim. */
export const benchesAside: readonly Bench[] = [outage];
