import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Slices } from '../../system/slices.ts';
import type { Problem } from '../problem.ts';
import type { SourceFile } from '../sources.ts';
import type { ParsedSource } from './parse.ts';
import { readTree } from './tree-text.ts';

/** What the thread tells: the tree as `writeTree` writes it. */
export interface ParsedInThread {
  readonly text?: Uint8Array<ArrayBuffer>;
  readonly problems: readonly Problem[];
}

/**
 * Parses a file in one go in a thread of its own, which ends with it: for a thousand checks the parser takes most of a
 * second, and probes must go on in time meanwhile.
 */
export async function parseInThread(file: SourceFile, slices: Slices): Promise<ParsedSource> {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './parse-thread.ts' : './parse-thread.js', import.meta.url);
  const thread = new Worker(entry, { workerData: file, env: {}, argv: [] });
  const [told] = await once(thread, 'message');
  const { text, problems }: ParsedInThread = told;
  return { problems, ...(text && { tree: await readTree(text, file.path, slices) }) };
}
