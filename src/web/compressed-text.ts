import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { inSlices } from './slices.ts';

/** A scrape is megabytes where checks are many; higher levels take three times as long for a fifth less. */
export const compressionLevel = 3;

/** A text that is written while it is sent, to all who ask for it meanwhile. */
export interface CompressedText {
  /** Its gzip from the first byte on, as it comes; throws when a piece of the text does. */
  chunks(): AsyncGenerator<Buffer>;
  /** Resolves when no more is written, also after a failure. */
  readonly ended: Promise<void>;
}

/**
 * Writes a text at once, whoever reads it how slowly. What is kept of it is compressed, which for metrics is a tenth or
 * less: a reader that stops costs that, and never the text.
 */
export function compressText(pieces: Iterable<string>): CompressedText {
  const written: Buffer[] = [];
  let more = Promise.withResolvers<void>();
  let outcome: { readonly error?: unknown } | undefined;
  const wake = () => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const write = async () => {
    try {
      await pipeline(Readable.from(inSlices(pieces)), createGzip({ level: compressionLevel }), async (compressed) => {
        for await (const chunk of compressed) {
          written.push(chunk);
          wake();
        }
      });
      outcome = {};
    } catch (error) {
      outcome = { error };
    }
    wake();
  };
  return {
    ended: write(),
    async *chunks() {
      for (let index = 0; ; index++) {
        while (index === written.length && !outcome) await more.promise;
        if (index < written.length) yield written[index] as Buffer;
        else if (outcome && 'error' in outcome) throw outcome.error;
        else return;
      }
    },
  };
}
