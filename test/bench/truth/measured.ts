import type { Load } from './cases.ts';
import type { RunningTarget } from './running-target.ts';
import type { PhaseTimes } from './wire.ts';

/** What one side says of one run. */
export interface MeasuredRun {
  /** The name by which the target knows it. */
  readonly name: string;
  readonly phases: PhaseTimes;
  /** All phases together, in milliseconds. */
  readonly tookMs: number;
  /** How much of it may be its own delay, as far as it tells. */
  readonly uncertaintyMs?: number;
  /** Whether it says that this is too much. */
  readonly isUncertain?: boolean;
}

/** What one side is measured in. */
export interface Scene {
  readonly load: Load;
  /** From 1. */
  readonly round: number;
  readonly target: RunningTarget;
  /** For its files. */
  readonly folder: string;
}
