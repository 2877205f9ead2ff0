import type { z } from 'zod';
import type { AssertionKind } from '../assertions/assertion-kind.ts';
import type { Authorization, AuthorizedRequest, TokenHearing } from '../auth/authorizer.ts';
import type { Observation } from '../model/observation.ts';
import type { Secret } from '../model/secret.ts';
import type { DatagramClient } from '../net/datagram.ts';
import type { Deadline } from '../net/deadline.ts';
import type { HttpClient } from '../net/http.ts';
import type { Permit } from '../net/limiter.ts';
import type { System } from '../system/system.ts';

/** What a probe may use while it runs. It never fetches a token and never waits in a queue of its own making. */
export interface RunContext {
  /** 32 hexadecimal digits. */
  readonly runId: string;
  readonly deadline: Deadline;
  /**
   * Takes a permit from the check's budget; call it once for each request, hop and step. The deadline stands still
   * meanwhile. Throws `PermitRefused` when the wait reaches its bound; let it pass through.
   */
  permit(): Promise<Permit>;
  /** What the check's token asks of a request to `url`; nothing for a check without one. */
  authorize(request: AuthorizedRequest): Promise<Authorization>;
  /** Hears the answer to a request that was authorized. `again`: it is to be made once more, with a permit of its own. */
  heard(request: AuthorizedRequest, answer: TokenHearing): 'done' | 'again';
  /** Sees the headers of each answer, that of a redirect too: cookies in them are hidden in all that is told of the run. */
  received(headers: Readonly<Record<string, string>>): void;
  /** Takes all known secrets out of a text: for what is taken apart before it is told, since half a secret cannot be found. */
  conceal(text: string): string;
  /** `user-agent`, and `traceparent` with a new span of this run unless tracing is off. */
  ownHeaders(): Readonly<Record<string, string>>;
}

/** Asks a target once and tells what it saw. Failures of the target are part of the observation, not exceptions. */
export type Probe = (context: RunContext) => Promise<Observation>;

/** What a kind needs to bind its probes. */
export interface ProbePorts {
  readonly system: System;
  readonly http: HttpClient;
  readonly datagrams: DatagramClient;
}

/** Thrown by `bind` for a spec that the schema could not refuse: a missing file, a secret that is no URL. */
export class ProbeSpecError extends Error {
  readonly code = 'PROBE_SPEC';
  /** Where in the spec, for example `['ca']`. */
  readonly path: readonly string[];

  constructor(path: readonly string[], message: string) {
    super(message);
    this.path = path;
  }
}

/** Who a probe asks, for metrics and the page, and for the rules on where a token may go. */
export interface Target {
  /** For people: without user info and query. */
  readonly display: string;
  /** `https://api.example.com`; absent for kinds that have no web origin. */
  readonly origin?: string;
  /** Whether what is sent can be read on the way: plain `http:` to a host that is not loopback. */
  readonly plaintext: boolean;
  /** Credentials that stand in the address itself: as plain text, and as they are sent. */
  readonly credentials?: readonly Secret[];
}

/** A credential in a spec as it is written: with a `hole` in the place of each reference, and numbers as their text. */
export interface WrittenCredential {
  /** Where in the spec, for example `['headers', 'authorization']`. */
  readonly path: readonly (string | number)[];
  /** The parts of it that stand there as they are; none where references bring all of it. */
  readonly plain: readonly string[];
  /** What it is called in the name of a reference; the last of `path` without it. */
  readonly name?: string;
  /** The text of the spec with a reference in the place of the credential; shows nothing else that may be one. */
  around(reference: string): string;
}

/** One kind of probe: its key in the configuration, its schema, and how a spec becomes a probe. */
export interface ProbeKind<Spec = unknown> {
  /** The key under the check: `http`. */
  readonly kind: string;
  /** What a bare string under the key means: `url`. */
  readonly mainKey: string;
  /** Of the mapping form; strict, each field described for the JSON Schema. */
  readonly schema: z.ZodType<Spec>;
  /** Assertions on its own facts, which no other kind takes. */
  readonly assertions?: readonly AssertionKind[];
  target(spec: Spec): Target;
  /** The credentials in a spec as it is written, right or wrong. Absent for kinds without any. */
  credentials?(written: unknown): readonly WrittenCredential[];
  bind(spec: Spec, ports: ProbePorts): Promise<Probe>;
}
