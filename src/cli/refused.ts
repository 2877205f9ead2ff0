import type { ExitCode } from './exit-code.ts';

/** Ends a command with sentences for its user and an exit code. */
export class Refused extends Error {
  readonly code = 'REFUSED';
  readonly exit: ExitCode;

  constructor(message: string, exit: ExitCode) {
    super(message);
    this.exit = exit;
  }
}
