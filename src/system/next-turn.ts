/** Those who wait for a turn, in order. */
const waiting: (() => void)[] = [];

/**
 * Resolves in a turn of the event loop that no other caller gets. So however many long pieces of work are done in slices
 * at once, between any two slices the loop sees to its timers and sockets.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}
