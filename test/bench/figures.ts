export const say = (line: string) => void process.stdout.write(`${line}\n`);

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

/** For example `median 1008 ms (964 to 1171, 5 rounds)`. */
export function spread(valuesMs: readonly number[]): string {
  const inOrder = sorted(valuesMs);
  const [low, middle, high] = [0, Math.floor(inOrder.length / 2), inOrder.length - 1].map((at) =>
    (inOrder[at] ?? Number.NaN).toFixed(0),
  );
  return `median ${middle} ms (${low} to ${high}, ${inOrder.length} rounds)`;
}
