/** One thing that is measured, on each side that was measured for it, in the same run. */
export interface Figure {
  /** What a reader compares, for example `HTTP, a new connection: CPU of one probe`. */
  readonly what: string;
  /** Of every value, for example `µs`, `ms`, `MiB`, `probes/s`. */
  readonly unit: string;
  readonly sides: readonly Side[];
  readonly aim?: Aim;
  /** A line of a plot: figures of the same `plot` are its points, in order, at their `x`. */
  readonly point?: { readonly plot: string; readonly x: number; readonly xUnit: string };
}

/** One value a round; or why there is none, for example `nginx is not installed`. */
export type Side = { readonly name: string } & ({ readonly rounds: readonly number[] } | { readonly missing: string });

/** What the figure should come to. */
export interface Aim {
  /** For example `at most 0.5 of blackbox_exporter`. */
  readonly text: string;
  /** By the medians of the sides, by name. A side that is missing is undefined. */
  readonly isMet: (medians: Readonly<Record<string, number | undefined>>) => boolean | undefined;
}

export interface BenchPorts {
  /** How many alternating rounds: at least five in figures that are reported. */
  readonly rounds: number;
  /** The built program of the revision that is measured, `dist/main.js`. */
  readonly program: string;
  /** Two revisions are compared: the counterparts may be left out. */
  readonly sondeAlone?: boolean;
  /** Tells a person how far it is. */
  say(line: string): void;
}

/** `npm run bench -- NAME`. */
export interface Bench {
  readonly name: string;
  /** A sentence that stands over its table: how it was measured. */
  readonly method: string;
  measure(ports: BenchPorts): Promise<readonly Figure[]>;
}
