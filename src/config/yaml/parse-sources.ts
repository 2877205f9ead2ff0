import type { Slices } from '../../system/slices.ts';
import type { SourceFile } from '../sources.ts';
import { type ParsedSource, parseSource } from './parse.ts';
import { parseInPieces } from './parse-in-pieces.ts';
import { parseInThread } from './parse-in-thread.ts';

/** Parses a file. */
export type ParseFile = (file: SourceFile, slices: Slices) => Promise<ParsedSource>;

/** Up to so many characters are parsed in a few milliseconds: a thread takes longer to start. */
const shortText = 8 * 1024;

/** Parses a file while nothing runs that a file of many checks would hold up. */
export const parseAtStart: ParseFile = async (file, slices) => {
  const tree = await parseInPieces(file, slices);
  return tree ? { tree, problems: [] } : parseSource(file);
};

/** Parses a file while probes run, which must go on in time. */
export const parseWhileRunning: ParseFile = async (file, slices) => {
  const tree = await parseInPieces(file, slices);
  if (tree) return { tree, problems: [] };
  return file.text.length <= shortText ? parseSource(file) : parseInThread(file, slices);
};
