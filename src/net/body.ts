import { NetError } from './failure.ts';

/** The body of an answer as it comes. */
export interface BodyCollector {
  /** Returns false when the body is larger than allowed; what fits is kept. */
  take(chunk: Buffer): boolean;
  /** What was kept, as it came on the wire. */
  bytes(): Buffer;
  /** How many bytes came. */
  wireBytes(): number;
}

export function createBodyCollector(maxBytes: number): BodyCollector {
  const chunks: Buffer[] = [];
  let wireBytes = 0;
  return {
    take(chunk) {
      const room = Math.max(0, maxBytes - wireBytes);
      chunks.push(chunk.subarray(0, room));
      wireBytes += chunk.length;
      return chunk.length <= room;
    },
    bytes: () => (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    wireBytes: () => wireBytes,
  };
}

/** A body that grew beyond `maxBytes`, on the wire or while it was decompressed. */
export function bodyTooLarge(maxBytes: number): NetError {
  return new NetError('BODY_TOO_LARGE', `the body is larger than ${maxBytes} bytes`);
}
