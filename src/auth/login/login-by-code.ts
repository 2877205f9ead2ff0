import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { TokenObservation } from '../../model/token.ts';
import type { Random } from '../../system/random.ts';
import { type Conceal, excerpt } from '../issuer/excerpt.ts';
import type { Issuer, TokenRun } from '../issuer.ts';
import { bearsState, type LoginAnswer, readLoginAnswer } from './login-answer.ts';
import type { UsedCodes } from './login-codes.ts';
import { endOfLogin, type LoginEnd } from './login-end.ts';

export interface CodeLoginPorts {
  readonly issuer: Issuer;
  readonly random: Random;
  readonly codes: UsedCodes;
  readonly mask: Conceal;
}

export interface CodeLoginOptions {
  /** Where the issuer sends the browser back to. */
  readonly redirectUri: string;
  /** As configured. */
  readonly issuer?: string;
}

/** A login that waits for a person. */
export interface CodeLogin {
  /** Where the person consents. Holds nothing secret: `state`, and a hash of the verifier. */
  readonly address: URL;
  /**
   * Whether what came is an answer to this very attempt, by its `state` (RFC 6749 section 10.12). What is not ends nothing:
   * anything on this host can send it.
   */
  isOwn(parameters: URLSearchParams): boolean;
  /** Takes what came back by the browser, and exchanges its code. Throws `TokenStoreError` and `PermitRefused`. */
  finish(parameters: URLSearchParams): Promise<LoginEnd>;
}

/** The grant that a run tells of, whatever the token is refreshed by. */
const grant = 'authorization_code';

/**
 * Begins the authorization code flow (RFC 6749 section 4.1) with PKCE (RFC 7636); what the issuer was found to be is the
 * observation when it cannot begin. Throws `PermitRefused`.
 */
export async function beginCodeLogin(
  { issuer, random, codes, mask }: CodeLoginPorts,
  { redirectUri, issuer: configured }: CodeLoginOptions,
  run: TokenRun,
): Promise<CodeLogin | { readonly observation: TokenObservation }> {
  const state = random.bytes(32).toString('base64url');
  const codeVerifier = new Secret(random.bytes(32).toString('base64url'));
  const begun = await issuer.authorization(run, { redirectUri, state, codeVerifier });
  if ('observation' in begun) return begun;

  const exchange = async (code: Secret): Promise<LoginEnd> => {
    // Noted before it is sent: what comes of the request, the code is gone.
    if (!(await codes.use(code))) return usedBefore;
    const answer = await issuer.request(run, { grant, code, redirectUri, codeVerifier });
    return endOfLogin(issuer, { ...answer, observation: { ...answer.observation, code: 'fresh' } });
  };
  const setAside = async ({ problem, code }: LoginAnswer & { kind: 'foreign' }): Promise<LoginEnd> =>
    code && (await codes.has(code)) ? usedBefore : { kind: 'foreign', problem };

  return {
    address: begun.url,
    isOwn: (parameters) => bearsState(parameters, state),
    async finish(parameters) {
      const answer = readLoginAnswer(parameters, compact({ state, iss: begun.iss, issuer: configured }));
      if (answer.kind === 'code') return exchange(answer.code);
      return answer.kind === 'error' ? { kind: 'refused', observation: refusal(answer, mask) } : setAside(answer);
    },
  };
}

const usedBefore: LoginEnd = { kind: 'refused', observation: { grant, phases: {}, code: 'used' } };

function refusal({ error, description = '' }: LoginAnswer & { kind: 'error' }, mask: Conceal): TokenObservation {
  const show = (text: string) => excerpt(text, 300, mask);
  return compact({
    grant,
    phases: {},
    endpoint: 'authorization' as const,
    error: show(error),
    errorDescription: show(description),
  });
}
