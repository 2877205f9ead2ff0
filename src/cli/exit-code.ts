/** What a command's exit tells: a promise to scripts. */
export const exitCode = {
  /** All is well. */
  well: 0,
  /** A check did not pass; a login, the issuer or the person said no. */
  checkFailed: 1,
  /** The configuration or the arguments are wrong. */
  wrongInput: 2,
  /** sonde itself failed. */
  ownFailure: 3,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
