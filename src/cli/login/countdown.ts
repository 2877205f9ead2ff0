import type { Clock, Timer } from '../../system/clock.ts';
import { durationWords } from '../../web/duration-words.ts';
import type { Output } from '../output.ts';

export interface CountdownPorts {
  readonly clock: Clock;
  readonly output: Output;
  /** Whether the output is a terminal, on which a line can be written anew. */
  readonly terminal: boolean;
}

const eraseLine = '\r\u001b[K';
const everyMs = 1_000;
/** Where lines stay: as many as a person wants to find in a log. */
const everyMsInLog = 60_000;

/**
 * Says how long `what` is good for until it is stopped: each second in the same line of a terminal, each minute in a
 * line of its own elsewhere.
 */
export function startCountdown(
  { clock, output, terminal }: CountdownPorts,
  what: string,
  endsAtMs: number,
): { stop(): void } {
  let timer: Timer;
  const tell = () => {
    const sentence = `${what} is good for ${durationWords(endsAtMs - clock.monotonicMs())} more.`;
    output.out(terminal ? `${eraseLine}${sentence} Ctrl-C ends the login.` : `${sentence}\n`);
    timer = clock.after(terminal ? everyMs : everyMsInLog, tell);
  };
  tell();
  return {
    stop() {
      timer.cancel();
      if (terminal) output.out(eraseLine);
    },
  };
}
