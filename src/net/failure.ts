import type { Failure, PhaseName, TlsFacts } from '../model/observation.ts';
import { DeadlineReached } from './deadline.ts';

interface Circumstances {
  /** Where the failure belongs, when that is not the phase that was going on. */
  readonly phase?: PhaseName;
  /** What the peer showed before it was refused. */
  readonly tls?: TlsFacts;
}

/** How an exchange broke, as far as the network's own errors do not say it. */
export class NetError extends Error {
  readonly code: string;
  readonly circumstances: Circumstances;

  constructor(code: string, message: string, circumstances: Circumstances = {}) {
    super(message);
    this.code = code;
    this.circumstances = circumstances;
  }
}

/**
 * An error of Node or OpenSSL as one of ours. Throws the error itself when it has no code: it comes from a bug then,
 * not from the network.
 */
export function netError(error: unknown, circumstances: Circumstances = {}): NetError {
  if (error instanceof NetError) return error;
  if (!(error instanceof Error && 'code' in error)) throw error;
  // OpenSSL's messages carry thread numbers and source lines; its reason is what a person can read.
  const message = 'library' in error && 'reason' in error ? `TLS: ${error.reason}` : error.message;
  return new NetError(String(error.code), message, circumstances);
}

/** The value of an error that came up in `phase`; of the proxy's making while that is what we were dealing with. */
export function failureOf({ code, message, circumstances }: NetError, phase: PhaseName, proxy?: URL): Failure {
  return { phase: circumstances.phase ?? phase, code, message, ...(proxy && { proxy: proxy.host }) };
}

/** Why a run's signal was aborted: its deadline, or somebody who stopped it. */
export function abortError({ reason }: AbortSignal): NetError {
  if (reason instanceof DeadlineReached) return new NetError(reason.code, reason.message);
  return new NetError('CANCELLED', 'the run was stopped');
}
