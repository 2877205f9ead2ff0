import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { SourceFile } from '../sources.ts';
import { parseSource } from './parse.ts';
import type { ParsedAside } from './parse-aside.ts';
import { writeTree } from './tree-text.ts';

// The thread beside `parse-aside.ts`: it gets the texts of files, in which references are not resolved yet, and nothing else.

// On Linux a thread has a priority of its own, and what measures comes first; elsewhere this would slow down the process.
if (process.platform === 'linux') setPriority(19);

for (const file of workerData as readonly SourceFile[]) {
  const { tree, problems } = parseSource(file);
  const text = tree && writeTree(tree);
  const parsed: ParsedAside = { path: file.path, problems, ...(text && { text }) };
  parentPort?.postMessage(parsed, text ? [text.buffer] : []);
}
