import { createOAuthIssuer } from '../../src/auth/issuer/oauth-issuer.ts';
import type { GrantRequest, Issuer, TokenRun } from '../../src/auth/issuer.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import type { SkewView } from '../../src/model/token.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createVirtualSystem, type VirtualSystem } from '../support/virtual-system.ts';
import { type Script, scriptedIssuer } from './scripted-issuer.ts';
import { definition, realHttp } from './token-lab.ts';

export const runId = '0123456789abcdef0123456789abcdef';

export const tokenRun = (members: Partial<TokenRun> = {}): TokenRun => ({
  runId,
  stopping: new AbortController().signal,
  cutOff: new AbortController().signal,
  ...members,
});

/** What a token run asks: the client's own credentials, or a refresh token. */
export const request = ({ refreshToken, ...run }: Partial<TokenRun> & { refreshToken?: Secret } = {}) =>
  [tokenRun(run), refreshToken ? { grant: 'refresh_token', refreshToken } : { grant: 'client_credentials' }] satisfies [
    TokenRun,
    GrantRequest,
  ];

const unmasked = (text: string) => text;

export interface Client {
  readonly system: VirtualSystem;
  readonly issuer: Issuer;
  /** How many permits its requests have taken. */
  permits(): number;
}

export interface ClientOptions {
  readonly ratePerSecond?: number;
  readonly burst?: number;
  readonly mask?: (text: string) => string;
  /** How far the clock of the client's host is ahead of the issuer's. */
  readonly aheadMs?: number;
  /** What the client knows of that, where it stamps what it signs with true time. */
  readonly correctedBy?: SkewView;
}

let clients = 0;

/** A client whose clock stands still at the time of the test. */
export function client(wanted: TokenDefinition, options: ClientOptions = {}): Client {
  const { ratePerSecond = 100, burst = 100, mask = unmasked, aheadMs = 0, correctedBy } = options;
  const system = createVirtualSystem(`client ${clients++}`);
  system.clock.stepWall(Date.now() - system.clock.wallMs() + aheadMs);
  let permits = 0;
  const limits = { name: 'b', ratePerSecond, burst, reserveForTokens: 0 };
  const issuer = createOAuthIssuer(
    {
      system,
      http: realHttp(system),
      budget: createBudget(system.clock, limits, () => {
        permits += 1;
      }),
      mask,
      skew: () => correctedBy,
      correctsAssertions: () => correctedBy !== undefined,
      ownHeaders: (id) => ({ 'user-agent': 'sonde/test', traceparent: `00-${id}-00000000000000ff-01` }),
    },
    wanted,
  );
  return { system, issuer, permits: () => permits };
}

/** A client of a scripted token endpoint that is named, not discovered. */
export async function named(script: Script, members: Partial<TokenDefinition> = {}, mask = unmasked) {
  const server = await scriptedIssuer(script);
  const wanted = definition({
    endpoints: { token: `${server.origin}/token` },
    clientSecret: new Secret('s3cret'),
    ...members,
  });
  return { ...server, ...client(wanted, { mask }) };
}

export const granted = { access_token: 'at', token_type: 'Bearer', expires_in: 60 };
