/** Who has to act on a failure. */
export type Blame = 'target' | 'issuer' | 'network' | 'self' | 'config';

/** What a run ended in, when it did not pass. */
export type Trouble = 'failed' | 'errored' | 'skipped';

interface CauseEntry {
  /** `failed`: it answered, and wrongly. `errored`: no usable answer. `skipped`: we never asked. */
  readonly outcome: Trouble;
  readonly blame: Blame;
  /** One sentence for the person on call. */
  readonly sentence: string;
  /** What that person does next. */
  readonly action: string;
}

/** The closed table of causes. A code is a promise to users: alerts, dashboards and runbooks name it. */
export const causes = {
  dns_failure: {
    outcome: 'errored',
    blame: 'network',
    sentence: "The target's host name could not be resolved.",
    action: "Look the name up from this host; check the resolver, the network policy and the name's own records.",
  },
  connect_refused: {
    outcome: 'errored',
    blame: 'target',
    sentence: 'The target refused the connection: nothing listens on that port.',
    action: "Check that the target's service is up and that the port is right.",
  },
  connect_timeout: {
    outcome: 'errored',
    blame: 'network',
    sentence: 'The target did not answer the connection attempt in time.',
    action: 'Check firewalls and routes between this host and the target, then whether the target is up.',
  },
  network_unreachable: {
    outcome: 'errored',
    blame: 'network',
    sentence: "There is no route from this host to the target's address.",
    action: "Check this host's network, its routes and whether it has the address family that the target uses.",
  },
  tls_untrusted: {
    outcome: 'errored',
    blame: 'target',
    sentence: "The target's certificate is not signed by an authority that this host trusts.",
    action: "Check the target's certificate chain; for a private authority set `ca:` on the check.",
  },
  tls_expired: {
    outcome: 'errored',
    blame: 'target',
    sentence: "The target's certificate is outside its period of validity.",
    action: "Renew the target's certificate; if its dates look right, check this host's clock.",
  },
  tls_name_mismatch: {
    outcome: 'errored',
    blame: 'target',
    sentence: "The target's certificate is for another name.",
    action: "Check the host name of the check, and the names on the target's certificate.",
  },
  tls_handshake: {
    outcome: 'errored',
    blame: 'target',
    sentence: 'The TLS handshake with the target failed.',
    action: 'Compare protocol versions and ciphers; check whether the target wants a client certificate.',
  },
  timeout: {
    outcome: 'errored',
    blame: 'target',
    sentence: 'The target did not finish its answer in time.',
    action: 'See in which phase the time ran out; compare with the latency of earlier runs.',
  },
  connection_reset: {
    outcome: 'errored',
    blame: 'target',
    sentence: 'The target closed the connection before its answer was whole.',
    action: "Look at the target's logs and at the proxies before it for a crash or an idle limit.",
  },
  protocol_error: {
    outcome: 'errored',
    blame: 'target',
    sentence: "The target's answer broke the rules of the protocol.",
    action: 'Check that the port speaks the expected protocol; look at the proxies before the target.',
  },
  body_too_large: {
    outcome: 'errored',
    blame: 'target',
    sentence: "The target's body is larger than the check allows.",
    action: 'Probe a smaller resource, or raise `max_body:` on the check.',
  },
  upstream_5xx: {
    outcome: 'failed',
    blame: 'target',
    sentence: 'The target answered with a server error.',
    action: "Look at the target's status page and logs; the trace id of the run leads to its own trace.",
  },
  upstream_4xx: {
    outcome: 'failed',
    blame: 'target',
    sentence: 'The target refused the request.',
    action: 'Check the address, method and parameters of the check against the API as it is now.',
  },
  rate_limited_by_target: {
    outcome: 'failed',
    blame: 'self',
    sentence: 'The target says that too many requests were made.',
    action: "Lower the budget's rate, or find out who else uses the account's quota.",
  },
  unauthorized: {
    outcome: 'failed',
    blame: 'config',
    sentence: 'The target did not accept the credentials.',
    action: 'Check that the credential belongs to this environment and to this API.',
  },
  token_expired: {
    outcome: 'failed',
    blame: 'self',
    sentence: 'The target says that the access token has expired.',
    action: "Look at the token's last refresh and at this host's clock.",
  },
  token_revoked: {
    outcome: 'failed',
    blame: 'issuer',
    sentence: 'The access token was revoked before its expiry.',
    action: 'Find out who revoked it; if nobody did, treat it as a leak.',
  },
  insufficient_scope: {
    outcome: 'failed',
    blame: 'config',
    sentence: 'The access token lacks a scope that the target or a check asks for.',
    action:
      'Add the missing scope under `scopes:` and to what the client is allowed at the issuer; where a person gave consent, run `sonde login` again.',
  },
  clock_skew: {
    outcome: 'failed',
    blame: 'self',
    sentence: 'Two clocks disagree by more than a token or assertion can bear.',
    action: "Compare this host's clock, the issuer's and the target's; mend time synchronisation where it is off.",
  },
  invalid_client: {
    outcome: 'failed',
    blame: 'config',
    sentence:
      'The issuer did not accept the client: its id, its secret, how it authenticates, or the grant that it uses.',
    action:
      'Check client id, secret, `client_auth:` and `grant:`; has the secret been rotated or mixed up between environments?',
  },
  invalid_grant: {
    outcome: 'failed',
    blame: 'config',
    sentence: 'There is no refresh token or grant that the issuer accepts.',
    action: 'Run `sonde login` for the token, or set a new refresh token or assertion and reload.',
  },
  code_reused: {
    outcome: 'failed',
    blame: 'self',
    sentence: 'The authorization code was used before.',
    action: 'Run `sonde login` again; each code works once.',
  },
  refresh_token_rotated_away: {
    outcome: 'failed',
    blame: 'self',
    sentence: 'This refresh token was spent before; its successor is not in our store.',
    action: 'Run `sonde login` or set a new refresh token, and make sure that only one holder refreshes it.',
  },
  invalid_scope: {
    outcome: 'failed',
    blame: 'config',
    sentence: 'The issuer does not grant a scope or a resource that was asked for.',
    action: 'Correct `scopes:` and `resource:`, or allow them for this client at the issuer.',
  },
  consent_required: {
    outcome: 'failed',
    blame: 'config',
    sentence: 'The issuer wants a person to give consent.',
    action: 'Run `sonde login` for the token, and accept the request.',
  },
  issuer_unavailable: {
    outcome: 'errored',
    blame: 'issuer',
    sentence: 'The token issuer could not be reached or failed.',
    action: "Look at the issuer's status; the evidence names the network or HTTP error.",
  },
  issuer_protocol_error: {
    outcome: 'errored',
    blame: 'issuer',
    sentence: "The issuer and sonde do not understand each other: one side's message is not what OAuth 2.0 asks for.",
    action:
      'Check that the address is an OAuth 2.0 issuer, that no page or proxy stands before it, and what its answer says.',
  },
  assertion_failed: {
    outcome: 'failed',
    blame: 'target',
    sentence: 'The target answered, and the answer is not the expected one.',
    action: 'Compare what was expected with what came.',
  },
  rate_limited_by_self: {
    outcome: 'skipped',
    blame: 'self',
    sentence: 'The run waited for its budget until the next one was due.',
    action: "Raise the budget's rate, or run its checks less often.",
  },
  token_absent: {
    outcome: 'skipped',
    blame: 'self',
    sentence: 'There is no live access token to send.',
    action: "Look at the token's own run: its cause says why.",
  },
  overrun: {
    outcome: 'skipped',
    blame: 'config',
    sentence: 'The run before was still going.',
    action: 'Make the interval longer or the timeout shorter.',
  },
  shutdown: {
    outcome: 'skipped',
    blame: 'self',
    sentence: 'sonde is shutting down.',
    action: 'Nothing, if the stop was wanted.',
  },
  maintenance: {
    outcome: 'skipped',
    blame: 'self',
    sentence: 'The check is in a maintenance window.',
    action: 'Nothing; it ends by itself.',
  },
  secret_unavailable: {
    outcome: 'errored',
    blame: 'self',
    sentence: 'A secret that sonde needs cannot be read or kept.',
    action:
      'Check that the variable, the file, Vault or the token store is there and open to sonde, then the space on its disk; where a token store is lost, run `sonde login`.',
  },
  fleet_unavailable: {
    outcome: 'errored',
    blame: 'self',
    sentence: 'The store that the replicas share cannot be reached.',
    action: 'Check the shared store and the network to it.',
  },
  internal: {
    outcome: 'errored',
    blame: 'self',
    sentence: 'sonde itself failed: it met a bug of its own, or a limit of this host.',
    action: 'Raise the limit that the detail names; if it names none, please report it with the log line of this run.',
  },
} as const satisfies Record<string, CauseEntry>;

export type CauseCode = keyof typeof causes;

type CodeOf<T extends Trouble> = { [C in CauseCode]: (typeof causes)[C]['outcome'] extends T ? C : never }[CauseCode];

/** Facts that back a cause, by name, for a person to read. Never holds a secret. */
export type Evidence = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Why a run did not pass: exactly one code, a sentence about this very case, and what backs it. */
export interface Cause<Code extends CauseCode = CauseCode> {
  readonly code: Code;
  readonly detail: string;
  readonly evidence: Evidence;
}

/** How a run ended. The type ties each cause to its own kind of outcome, so an outcome cannot lie. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly cause: Cause<CodeOf<'failed'>> }
  | { readonly kind: 'errored'; readonly cause: Cause<CodeOf<'errored'>> }
  | { readonly kind: 'skipped'; readonly cause: Cause<CodeOf<'skipped'>> };

export type OutcomeKind = Outcome['kind'];

export const outcomeKinds = ['passed', 'failed', 'errored', 'skipped'] as const satisfies readonly OutcomeKind[];

export const passed: Outcome = { kind: 'passed' };

/** The outcome that belongs to a cause; the table decides whether that is failed, errored or skipped. */
export function troubled(code: CauseCode, detail: string, evidence: Evidence = {}): Outcome {
  return { kind: causes[code].outcome, cause: { code, detail, evidence } } as Outcome;
}

/** The cause of an outcome; undefined when it passed. */
export function causeOf(outcome: Outcome): Cause | undefined {
  return outcome.kind === 'passed' ? undefined : outcome.cause;
}

/**
 * What a cause means to the person on call. A check that lacks its token fails by no fault of its own: whose move it is,
 * and what to do, are those of the cause that the token's own run ended in.
 */
export function guidanceOf({ code, evidence }: Cause): CauseEntry {
  const own = causes[code];
  const behind = Object.entries(causes).find(([name]) => code === 'token_absent' && name === evidence.token_cause)?.[1];
  return behind ? { ...own, blame: behind.blame, action: behind.action } : own;
}
