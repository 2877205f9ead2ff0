import { type Clock, createClock } from './clock.ts';
import { createFiles, type Files } from './files.ts';
import { createRandom, type Random } from './random.ts';

/** The only door to time, randomness, files and environment. Tests hand in a virtual twin. */
export interface System {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  /** The value of an environment variable; undefined when it is not set. */
  environment(name: string): string | undefined;
}

export function createSystem(): System {
  return {
    clock: createClock(),
    random: createRandom(),
    files: createFiles(),
    environment: (name) => process.env[name],
  };
}
