import { onTestFinished } from 'vitest';
import { createTokenFileStore } from '../../src/auth/store/token-file-store.ts';
import { createTokenSource, type TokenSourcePorts } from '../../src/auth/token-source.ts';
import { diagnoseTokenRun } from '../../src/diagnosis/diagnose-token-run.ts';
import type { TokenDefinition } from '../../src/model/check.ts';
import type { TokenResult } from '../../src/model/result.ts';
import { Secret } from '../../src/model/secret.ts';
import type { TokenObservation } from '../../src/model/token.ts';
import type { HttpClient } from '../../src/net/http.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import { createBudget } from '../../src/net/limiter.ts';
import { createResolver } from '../../src/net/resolve.ts';
import { type Issuer, type IssuerOptions, startIssuer } from '../lab/issuer.ts';
import { type LabClient, type LabClientId, labClients } from '../lab/issuer-clients.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem, type VirtualSystem } from '../support/virtual-system.ts';

/** A client over real sockets whose deadlines are on the system's clock. No name server answers it: tests stay on this host. */
export function realHttp(system: VirtualSystem): HttpClient {
  const http = createHttpClient(system, createResolver(system, { servers: ['127.0.0.1:1'], tries: 1 }));
  onTestFinished(() => http.close());
  return http;
}

export async function labIssuer(options: IssuerOptions = { accessTokenSeconds: 600 }): Promise<Issuer> {
  const issuer = await startIssuer(options);
  onTestFinished(() => issuer.close());
  return issuer;
}

/** What the configuration would say of a token; members that are given win. */
export function definition(members: Partial<TokenDefinition> = {}): TokenDefinition {
  return {
    name: 'claude',
    grant: 'client_credentials',
    endpoints: {},
    clientId: 'client',
    clientAuth: 'client_secret_basic',
    presentCertificate: true,
    tokenRequest: 'form',
    resources: [],
    parameters: {},
    login: { pushed: false, parameters: {} },
    introspect: false,
    scopes: [],
    neededScopes: {},
    refresh: { beforeExpiry: 0.2 },
    sendTo: [],
    budget: 'default',
    timeoutMs: 10_000,
    allowHttp: false,
    place: { file: 'sonde.yaml', line: 1, column: 1 },
    ...members,
  };
}

/** What a client of the lab's issuer shows to be known: its secret, its key, or nothing. */
function credentialsOf(issuer: Issuer, client: LabClientId): Partial<TokenDefinition> {
  const { authentication, grant } = labClients[client];
  const { jwk } = authentication === 'private_key_jwt' || grant === 'jwt_bearer' ? issuer.clientKey(client) : {};
  return {
    ...(authentication.startsWith('client_secret') && { clientSecret: new Secret(issuer.clientSecret(client)) }),
    ...(jwk && { signingKey: { key: new Secret(JSON.stringify(jwk)) } }),
  };
}

/** A definition for a client of the lab's issuer. */
export function labDefinition(issuer: Issuer, id: LabClientId, members: Partial<TokenDefinition> = {}) {
  const client: LabClient = labClients[id];
  return definition({
    issuer: issuer.origin,
    grant: client.grant,
    clientId: id,
    clientAuth: client.authentication,
    ...credentialsOf(issuer, id),
    ...(client.bound === 'dpop' && { dpop: { algorithm: 'ES256' } }),
    scopes: ['models.read'],
    ...members,
  });
}

export interface SourceLab {
  readonly system: VirtualSystem;
  readonly ports: TokenSourcePorts;
  /** Where the token store is. */
  readonly folder: string;
  readonly results: readonly TokenResult[];
  readonly observations: readonly TokenObservation[];
  readonly warnings: readonly string[];
  /** Resolves with the result of the run that ends next. */
  nextResult(): Promise<TokenResult>;
  /** A source that has ended its first run; stopped after the test. */
  started(definition: TokenDefinition): Promise<ReturnType<typeof createTokenSource>>;
}

/** What one process has: virtual time, a real HTTP client, a store in `folder`, and the judgement of the real diagnosis. */
export async function sourceLab(
  members: Partial<TokenSourcePorts> & { folder?: string; seed?: string } = {},
): Promise<SourceLab> {
  const system = createVirtualSystem(members.seed);
  const folder = members.folder ?? (await temporaryFolder());
  const results: TokenResult[] = [];
  const observations: TokenObservation[] = [];
  const warnings: string[] = [];
  let next = Promise.withResolvers<TokenResult>();
  const ports: TokenSourcePorts = {
    system,
    http: realHttp(system),
    budget: createBudget(system.clock, { name: 'default', ratePerSecond: 10, burst: 10, reserveForTokens: 0 }),
    mask: (text) => text,
    skew: () => undefined,
    correctsAssertions: () => false,
    ownHeaders: (runId) => ({ 'user-agent': 'sonde/test', traceparent: `00-${runId}-00000000000000ff-01` }),
    store: createTokenFileStore(system, folder),
    judge(observation) {
      observations.push(observation);
      return diagnoseTokenRun(observation);
    },
    report(result) {
      results.push(result);
      next.resolve(result);
      next = Promise.withResolvers();
    },
    warn: (sentence) => warnings.push(sentence),
    tellRest: (sentence) => warnings.push(sentence),
    ...members,
  };
  return {
    system,
    ports,
    folder,
    results,
    observations,
    warnings,
    nextResult: () => next.promise,
    async started(wanted) {
      const source = createTokenSource(ports, wanted);
      onTestFinished(() => source.stop());
      source.start();
      await source.firstRun;
      return source;
    },
  };
}
