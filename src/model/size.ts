/** What a size looks like, for the JSON Schema: digits and a unit. */
export const sizePattern = /^\d{1,9}(?:B|KiB|MiB)$/;

const unitsBytes: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1_048_576 };

/** Bytes of a size such as `512B`, `64KiB` or `1MiB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  if (!sizePattern.test(text)) return undefined;
  const unit = text.replace(/^\d+/, '');
  return Number.parseInt(text, 10) * (unitsBytes[unit] as number);
}
