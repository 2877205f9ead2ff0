/** What a duration looks like, for the JSON Schema: digits, perhaps a fraction, and a unit. */
export const durationPattern = /^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d)$/;

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `250ms`, `1.5s`, `30s`, `5m`, `1h` or `2d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  const unit = text.replace(/^[\d.]+/, '');
  // Without rounding 1.001s would be 1000.9999999999999 ms.
  return Math.round(Number.parseFloat(text) * (unitsMs[unit] as number) * 1000) / 1000;
}
