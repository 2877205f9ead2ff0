import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Loaded into a daemon before its own program: answers each message over its channel with how long the event loop was
 * held up at the longest since the message before, in milliseconds.
 */
const resolution = 1;
const delays = monitorEventLoopDelay({ resolution });
delays.enable();
process.on('message', () => {
  // A loop that is free is late by nothing, and looked at each `resolution`.
  process.send?.(Math.max(0, delays.max / 1e6 - resolution));
  delays.reset();
});
process.channel?.unref();
