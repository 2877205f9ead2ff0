import { nextTurn } from '../system/next-turn.ts';

/** A slice ends after either: text that takes a third of a millisecond to write, or pieces that are empty, mostly. */
const sliceLength = 16 * 1024;
const slicePieces = 250;

/**
 * Takes the pieces of a text in slices, each in a turn of the event loop of its own: no answer, however long, holds up a
 * run that is due. Pieces must each take far less than a millisecond.
 */
export async function* inSlices(pieces: Iterable<string>): AsyncGenerator<string> {
  let slice = '';
  let count = 0;
  await nextTurn();
  for (const piece of pieces) {
    slice += piece;
    count += 1;
    if (slice.length < sliceLength && count < slicePieces) continue;
    if (slice !== '') yield slice;
    slice = '';
    count = 0;
    await nextTurn();
  }
  if (slice !== '') yield slice;
}
