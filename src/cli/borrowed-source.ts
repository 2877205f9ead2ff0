import { z } from 'zod';
import type { Authorizer, TokenSource } from '../auth/authorizer.ts';
import { createDpop } from '../auth/dpop.ts';
import { parseJson } from '../auth/json.ts';
import { createPresenter } from '../auth/presenter.ts';
import { createSign, type SigningPorts } from '../auth/signing.ts';
import { timeClaims } from '../auth/time-claims.ts';
import { type CauseCode, causes, type Outcome, passed, troubled } from '../model/cause.ts';
import type { TokenDefinition } from '../model/check.ts';
import { compact } from '../model/compact.ts';
import { Secret } from '../model/secret.ts';
import type { AccessToken } from '../model/token.ts';
import { askDaemon } from '../net/control-socket.ts';

const secret = z.string().transform((text) => new Secret(text));

const loanSchema = z.object({
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

/** Thrown when a daemon runs on the state folder and does not lend a token; the message is a sentence for a person. */
export class LoanRefused extends Error {
  readonly code = 'LOAN_REFUSED';
}

/**
 * The tokens of a daemon that runs on the same `state_dir`: it alone refreshes them, so a command beside it cannot spend
 * a refresh token twice. The key that a token is bound to is lent with it. Undefined when no daemon runs there; throws
 * `LoanRefused`.
 */
export async function borrowTokens(
  ports: SigningPorts,
  socketPath: string,
  definitions: readonly TokenDefinition[],
): Promise<ReadonlyMap<string, TokenSource> | undefined> {
  const sources = new Map<string, TokenSource>();
  for (const definition of definitions) {
    const loan = await ask(socketPath, definition.name);
    if (!loan) return undefined;
    sources.set(definition.name, borrowedSource(ports, definition, loan));
  }
  return sources;
}

async function ask(socketPath: string, token: string): Promise<Loan | undefined> {
  const answer = await askDaemon(socketPath, `/control/tokens/${token}`).catch((error: Error) => {
    throw new LoanRefused(`A daemon holds this state folder and cannot be asked for its tokens: ${error.message}.`);
  });
  if (!answer) return undefined;
  if (answer.status === 404)
    throw new LoanRefused(
      `The daemon that holds this state folder has no token ${token}: reload it, or use --state-dir.`,
    );
  const loan = answer.status === 200 ? loanSchema.safeParse(parseJson(answer.body)) : undefined;
  if (!loan?.success)
    throw new LoanRefused(
      `The daemon that holds this state folder gave no usable answer (${answer.status}): is it another version?`,
    );
  return loan.data;
}

function borrowedSource(ports: SigningPorts, definition: TokenDefinition, { token, last_run }: Loan): TokenSource {
  const { name } = definition;
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
  const authorizer = token && authorizerOf(ports, definition, token);
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

function authorizerOf(ports: SigningPorts, definition: TokenDefinition, { value, dpop }: LentToken): Authorizer {
  const sign = createSign(ports);
  if (!dpop) return createPresenter(definition, sign, undefined).authorizer(value);
  const key = dpop.key ?? definition.dpop?.key;
  if (!key)
    throw new LoanRefused(
      `The daemon that holds this state folder has bound the token ${definition.name} to a key that this configuration does not name.`,
    );
  return createPresenter(definition, sign, createDpop({ algorithm: 'ES256', key })).authorizer(value);
}

function outcomeOf(lastRun: Loan['last_run']): Outcome | undefined {
  if (!lastRun?.cause) return lastRun && passed;
  const { code, detail } = lastRun.cause;
  return code in causes ? troubled(code as CauseCode, detail) : undefined;
}
