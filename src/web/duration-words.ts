const unitsMs: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A duration as a person says it, in its two largest units: `12 s`, `3 min 20 s`, `2 d 4 h`. Never negative. */
export function durationWords(durationMs: number): string {
  let restMs = Math.max(0, Math.floor(durationMs / 1_000)) * 1_000;
  const largest = unitsMs.findIndex(([, unitMs]) => restMs >= unitMs);
  if (largest < 0) return '0 s';
  const words: string[] = [];
  for (const [unit, unitMs] of unitsMs.slice(largest, largest + 2)) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.join(' ');
}
