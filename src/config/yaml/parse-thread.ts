import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { parseSource } from './parse.ts';
import type { ParsedInThread } from './parse-in-thread.ts';
import { writeTree } from './tree-text.ts';

// The thread of `parse-in-thread.ts`: it gets the text of a file, in which no reference is resolved yet, and nothing else.

// On Linux a thread has a priority of its own, and what measures comes first; elsewhere this would slow down the process.
if (process.platform === 'linux') setPriority(19);

const { tree, problems } = parseSource(workerData);
const text = tree && writeTree(tree);
const parsed: ParsedInThread = { problems, ...(text && { text }) };
parentPort?.postMessage(parsed, text ? [text.buffer] : []);
