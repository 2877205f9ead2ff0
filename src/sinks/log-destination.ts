import { pino } from 'pino';

/** Where lines go. */
export interface LogDestination {
  /** Takes a line with its end. Never throws and never blocks. */
  write(line: string): void;
  /** Resolves when all lines are out, or cannot go out any more. Lines that come later are dropped. */
  close(): Promise<void>;
}

/** What may wait for a reader that does not read, in bytes; more is dropped, not kept until memory runs out. */
const longestBacklog = 4 * 1024 * 1024;

/** Errors after which nothing can be written any more: the reader, the terminal or the file is gone. */
const finalErrors = new Set(['EPIPE', 'EIO', 'EBADF']);

/**
 * Lines to an open file: 1 is standard output. A reader that is slow or gone, or a full disk, costs lines and nothing
 * else: probes go on in time, and the process lives.
 */
export function createLogDestination(file: number): LogDestination {
  const stream = pino.destination({ dest: file, sync: false, maxLength: longestBacklog });
  let open = true;
  const ended = new Promise<void>((resolve) => {
    stream.on('close', resolve);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A full disk may have room again: the next line tries once more.
      if (open && !finalErrors.has(String(error.code))) return;
      open = false;
      resolve();
    });
  });
  return {
    write(line) {
      if (open) stream.write(line);
    },
    close() {
      if (open) stream.end();
      open = false;
      return ended;
    },
  };
}
