import type { System } from '../system/system.ts';

/** How long a file that was read is taken for unchanged. */
const freshForMs = 5000;

/**
 * A small file of the host that others may change: read when it is first asked for and again each few seconds.
 * The parsed value stays the same object while the text does. A file that cannot be read counts as it last was, at first as empty.
 */
export function createFreshFile<T>(system: System, path: string, parse: (text: string) => T): () => Promise<T> {
  let text = '';
  let parsed = parse(text);
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<T> = Promise.resolve(parsed);
  const read = async () => {
    const found = await system.files.readText(path).catch(() => text);
    if (found !== text) {
      text = found;
      parsed = parse(found);
    }
    return parsed;
  };
  return () => {
    const nowMs = system.clock.monotonicMs();
    if (nowMs - readAtMs >= freshForMs) {
      readAtMs = nowMs;
      reading = read();
    }
    return reading;
  };
}
