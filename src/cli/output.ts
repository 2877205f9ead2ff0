/** Where a command writes to. */
export interface Output {
  /** For what was asked for. */
  out(text: string): void;
  /** For problems and progress. */
  err(text: string): void;
}
