/** What one assertion said of an observation. */
export interface Verdict {
  /** The key of the assertion: `status`, `header`, `body`, `json`, `latency`, `certificate`. */
  readonly assertion: string;
  readonly holds: boolean;
  /** In words: `status 200`, `$.data[0].id matches ^claude`. */
  readonly expected: string;
  /** What was there instead, shortened. */
  readonly got: string;
}
