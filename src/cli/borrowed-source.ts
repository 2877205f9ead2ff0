import { z } from 'zod';
import type { Authorizer, TokenSource } from '../auth/authorizer.ts';
import { createSign, type SigningPorts } from '../auth/issuer/signing.ts';
import { createDpop } from '../auth/presentation/dpop.ts';
import { createPresenter } from '../auth/presentation/presenter.ts';
import { timeClaims } from '../auth/source/time-claims.ts';
import { type CauseCode, causes, type Outcome, passed, troubled } from '../model/cause.ts';
import type { TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import type { AccessToken } from '../model/token.ts';
import { type AskedToken, askAboutToken } from './daemon-question.ts';
import { exitCode } from './exit-code.ts';
import { Refused } from './refused.ts';

const secret = z.string().transform((text) => new Secret(text));

const loanSchema = z.object({
  send_to: z.array(z.string()),
  token: z
    .object({
      value: secret,
      dpop: z.object({ key: secret.optional() }).optional(),
      expires_in_ms: z.number().optional(),
      scopes: z.array(z.string()).optional(),
      generation: z.number(),
    })
    .optional(),
  last_run: z
    .object({ outcome: z.string(), cause: z.object({ code: z.string(), detail: z.string() }).optional() })
    .optional(),
});

type Loan = z.infer<typeof loanSchema>;
type LentToken = NonNullable<Loan['token']>;

/** A token of another process. */
export interface BorrowedToken {
  readonly source: TokenSource;
  /** Origins that the daemon may send it to; empty means no bound. */
  readonly sendTo: readonly string[];
}

/**
 * The tokens of a daemon that runs on the same `state_dir`: it alone refreshes them, so a command beside it cannot spend
 * a refresh token twice. The key that a token is bound to is lent with it. Undefined when no daemon runs there; throws
 * `Refused`.
 */
export async function borrowTokens(
  ports: SigningPorts,
  stateDir: string,
  definitions: readonly TokenDefinition[],
): Promise<ReadonlyMap<string, BorrowedToken> | undefined> {
  const borrowed = new Map<string, BorrowedToken>();
  for (const definition of definitions) {
    const asked = { stateDir, definition };
    const loan = await askAboutToken(asked, 'loan', {}, loanSchema);
    if (typeof loan === 'string') return undefined;
    borrowed.set(definition.name, { source: borrowedSource(ports, asked, loan), sendTo: loan.send_to });
  }
  return borrowed;
}

function borrowedSource(ports: SigningPorts, asked: AskedToken, { token, last_run, send_to }: Loan): TokenSource {
  const { name } = asked.definition;
  const obtainedAtMs = ports.system.clock.monotonicMs();
  const live: AccessToken | undefined =
    token &&
    compact({
      value: token.value,
      obtainedAtMs,
      expiresAtMs: token.expires_in_ms === undefined ? undefined : obtainedAtMs + token.expires_in_ms,
      scopes: token.scopes,
      generation: token.generation,
    });
  const authorizer = token && heldTo(send_to, authorizerOf(ports, asked, token));
  return {
    name,
    firstRun: Promise.resolve(),
    current: () => live,
    authorizer: () => authorizer,
    view: () =>
      compact({
        name,
        ageMs: 0,
        expiresInMs: token?.expires_in_ms,
        scopes: token?.scopes,
        generation: token?.generation ?? 0,
        claims: token && timeClaims(token.value.reveal()),
        lastRun: outcomeOf(last_run),
      }),
    suspect: async () => 'unknown',
    start() {},
    stop: () => Promise.resolve(),
  };
}

function authorizerOf(
  ports: SigningPorts,
  { stateDir, definition }: AskedToken,
  { value, dpop }: LentToken,
): Authorizer {
  const sign = createSign(ports);
  if (!dpop) return createPresenter(definition, sign, undefined)(value, 'bearer');
  const key = dpop.key ?? definition.dpop?.key;
  if (!key)
    throw new Refused(
      `The daemon that runs on ${stateDir} has bound the token ${definition.name} to a key that this configuration does not name.`,
      exitCode.wrongInput,
    );
  return createPresenter(definition, sign, createDpop({ algorithm: 'ES256', key }, ports.system.random))(value, 'dpop');
}

/** The same, for origins that the lender may send the token to: a redirect may lead anywhere. */
function heldTo(sendTo: readonly string[], authorizer: Authorizer): Authorizer {
  if (sendTo.length === 0) return authorizer;
  return {
    ...authorizer,
    authorize: (request) => (sendTo.includes(request.url.origin) ? authorizer.authorize(request) : { headers: {} }),
  };
}

function outcomeOf(lastRun: Loan['last_run']): Outcome | undefined {
  if (!lastRun?.cause) return lastRun && passed;
  const { code, detail } = lastRun.cause;
  return code in causes ? troubled(code as CauseCode, detail) : undefined;
}
