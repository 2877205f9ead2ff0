import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Slices } from '../../system/slices.ts';
import type { Problem } from '../problem.ts';
import type { SourceFile } from '../sources.ts';
import { type ParsedSource, parseSource } from './parse.ts';
import { readTree } from './tree-text.ts';

/** What the thread tells of one file: its tree as `writeTree` writes it. */
export interface ParsedAside {
  readonly path: string;
  readonly text?: Uint8Array<ArrayBuffer>;
  readonly problems: readonly Problem[];
}

/** Parses files, one after the other. */
export type ParseSources = (files: readonly SourceFile[], slices: Slices) => Promise<readonly ParsedSource[]>;

/** Up to so many characters are parsed in a few milliseconds: a thread takes ten times as long to start. */
const shortText = 8 * 1024;

/** Parses files at once: before anything runs that it could hold up. */
export const parseHere: ParseSources = async (files) => files.map(parseSource);

/**
 * Parses files in a thread of its own, which ends with them: the YAML parser takes a file in one go, a second and more for
 * a thousand checks, and probes must go on in time meanwhile.
 */
export const parseAside: ParseSources = async (files, slices) => {
  if (files.reduce((sum, { text }) => sum + text.length, 0) <= shortText) return parseHere(files, slices);
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './parse-worker.ts' : './parse-worker.js', import.meta.url);
  const worker = new Worker(entry, { workerData: files, env: {}, argv: [] });
  const parsed: ParsedSource[] = [];
  for await (const [message] of on(worker, 'message', { close: ['exit'] })) {
    const { path, text, problems }: ParsedAside = message;
    parsed.push({ problems, ...(text && { tree: await readTree(text, path, slices) }) });
  }
  return parsed;
};
