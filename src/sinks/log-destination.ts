import type { Writable } from 'node:stream';
import type { Clock } from '../system/clock.ts';

/** Where lines go. */
export interface LogDestination {
  /** Takes a line with its end. Never throws, and never waits for a reader. */
  write(line: string): void;
  /** Resolves when all lines are out, or after a second when they do not go out. */
  close(): Promise<void>;
}

/** What may wait for a reader that does not read, in bytes; more is dropped, not kept until memory runs out. */
const longestBacklog = 4 * 1024 * 1024;
const closeGraceMs = 1_000;

/**
 * Lines to a stream that lives as long as the process, standard output. A reader that is slow or gone, or a full disk,
 * costs lines and nothing else: probes go on in time, and the process lives. Writing to the bare file descriptor would not
 * do: a thread of Node's would hang in a pipe that nobody reads, and the process with it when it wants to exit.
 */
export function createLogDestination(stream: Writable, clock: Clock): LogDestination {
  let pending = 0;
  let emptied = () => {};
  // Each line is tried anew: a disk may have room again.
  stream.on('error', () => {});
  return {
    write(line) {
      if (stream.writableLength > longestBacklog) return;
      pending += 1;
      stream.write(line, () => {
        pending -= 1;
        if (pending === 0) emptied();
      });
    },
    close() {
      if (pending === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const grace = clock.after(closeGraceMs, resolve);
        emptied = () => {
          grace.cancel();
          resolve();
        };
      });
    },
  };
}
