/** The phases of one run in their order. `queue` is the wait for our own budget and never the target's time. */
export const phaseNames = ['queue', 'resolve', 'connect', 'tls', 'request', 'wait', 'transfer'] as const;

export type PhaseName = (typeof phaseNames)[number];

/** Milliseconds spent in each phase that was reached, summed over the hops of the run. */
export type Phases = Readonly<Partial<Record<PhaseName, number>>>;

/** How long a run took, and how far that is to be believed. */
export interface Timing {
  readonly phases: Phases;
  /**
   * Milliseconds by which the phases together may be wrong: what ended them happened while this process was busy, at a time
   * that it knows no better.
   */
  readonly uncertaintyMs: number;
}

/**
 * How a request broke, as the network told it. `code` is the system's own word (`ECONNREFUSED`, `CERT_HAS_EXPIRED`,
 * `ENOTFOUND`, …) or one of ours: `TIMEOUT`, `BODY_TOO_LARGE`, `DECOMPRESSION_FAILED`, `TOO_MANY_REDIRECTS`,
 * `BAD_REDIRECT`, `PROXY_REFUSED`, `PROXY_UNAUTHORIZED`, `PROXY_UNSUPPORTED`, `NTP_BAD_REPLY`,
 * `NTP_NOT_SYNCHRONISED`, `NTP_KISS_OF_DEATH`, `CLOCK_STEPPED` (ours, meanwhile), `CANCELLED` (stopped by us). Diagnosis,
 * not the network, turns it into a cause.
 */
export interface Failure {
  readonly phase: PhaseName;
  readonly code: string;
  readonly message: string;
  /** Host and port of the proxy whose doing it was: the target was not reached yet. */
  readonly proxy?: string;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Wall-clock time in milliseconds since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256 fingerprint, as colon-separated hexadecimal. */
  readonly fingerprint: string;
}

export interface TlsFacts {
  /** For example `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  /** The leaf first. */
  readonly chain: readonly CertificateFacts[];
}

/** What a time server said. */
export interface NtpFacts {
  /** Positive when this host is ahead of the server, in milliseconds. */
  readonly skewMs: number;
  /** The true skew lies within `skewMs` plus or minus this, if the server is honest. */
  readonly uncertaintyMs: number;
  /** Of the way there and back together. */
  readonly delayMs: number;
  /** 1 to 15. */
  readonly stratum: number;
  /** 0: no leap second is near, 1: one is added today, 2: one is left out. */
  readonly leap: number;
  /** How far the server may be from true time by what it says itself. */
  readonly rootDistanceMs: number;
}

/** One redirect that was followed or refused. */
export interface Hop {
  /** The address that answered with it, without user info and query. */
  readonly url: string;
  readonly status: number;
}

/** What was learned, without judgement. A fact that was not learned is absent. */
export interface Facts {
  /** The address that was asked last, without user info and query. */
  readonly url?: string;
  /** Whether that address was asked over TLS; present where something was asked over HTTP. */
  readonly overTls?: boolean;
  /** The IP address that answered. */
  readonly address?: string;
  readonly ipVersion?: 4 | 6;
  readonly tls?: TlsFacts;
  readonly status?: number;
  readonly httpVersion?: string;
  /** Header names are in lower case; values of a repeated header are joined by `, `. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly redirects?: readonly Hop[];
  /** The value of `Content-Length`, in bytes. */
  readonly contentLength?: number;
  /** Decoded and read as UTF-8. */
  readonly body?: string;
  /** Length of the body on the wire, in bytes. */
  readonly bodyBytes?: number;
  readonly ntp?: NtpFacts;
}

/** What one run of a probe saw. */
export interface Observation {
  readonly phases: Phases;
  /** See `Timing`; absent where it is not known. */
  readonly uncertaintyMs?: number;
  readonly facts: Facts;
  /** Present when no whole answer came. */
  readonly failure?: Failure;
}

/** What an exchange or a run tells of its time. */
type Timed = Pick<Observation, 'phases' | 'uncertaintyMs'>;

/** Adds up the times of two exchanges: hops of a redirect, steps of a scenario. */
export function addTimings(a: Timed, b: Timed): Timing {
  const uncertaintyMs = (a.uncertaintyMs ?? 0) + (b.uncertaintyMs ?? 0);
  return { phases: addPhases(a.phases, b.phases), uncertaintyMs };
}

/** Adds up two tables of phases: hops of a redirect, steps of a scenario. */
export function addPhases(a: Phases, b: Phases): Phases {
  const sum: Partial<Record<PhaseName, number>> = { ...a };
  for (const name of phaseNames) {
    const value = b[name];
    if (value !== undefined) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}

/** Milliseconds of a run that are the target's: all phases but our own queue. */
export function targetDurationMs(phases: Phases): number {
  return phaseNames.reduce((sum, name) => (name === 'queue' ? sum : sum + (phases[name] ?? 0)), 0);
}
