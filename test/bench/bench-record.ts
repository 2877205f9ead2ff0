import type { MeasuredFigure } from './figures.ts';
import type { Machine } from './machine.ts';

/** One bench as it was last measured: what `docs/benchmarks/NAME.json` holds. */
export interface BenchRecord {
  readonly name: string;
  readonly method: string;
  /** For example `2026-11-25`. */
  readonly date: string;
  /** The revision of sonde, with `+` when the tree had changes. */
  readonly revision: string;
  readonly rounds: number;
  readonly machine: Machine;
  readonly figures: readonly MeasuredFigure[];
}
