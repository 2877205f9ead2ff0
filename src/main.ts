#!/usr/bin/env node
import { exitCode } from './cli/exit-code.ts';

// All else is imported once it is known that this Node.js can: an older one would end with a stack trace.
const oldestNode = 24;
const { node } = process.versions;
if (Number.parseInt(node, 10) < oldestNode) {
  process.stderr.write(`sonde needs Node.js ${oldestNode} or newer, and this is ${node} (${process.execPath}).\n`);
  process.exitCode = exitCode.ownFailure;
} else {
  const { shapeHeap } = await import('./system/heap.ts');
  shapeHeap();
  await import('./program.ts');
}
