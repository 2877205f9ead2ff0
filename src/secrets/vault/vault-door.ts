import { compact } from '../../model/compact.ts';
import type { Secret } from '../../model/secret.ts';
import type { VaultDefinition } from '../../model/vault.ts';
import { createDeadline } from '../../net/deadline.ts';
import type { HttpClient, HttpExchange, HttpResponse } from '../../net/http.ts';
import { type Budget, Permit } from '../../net/limiter.ts';
import { ownHeaders } from '../../net/own-headers.ts';
import type { System } from '../../system/system.ts';
import type { SecretTrouble } from '../trouble.ts';
import { errorsOf, parseJson, type VaultAnswer } from './vault-answer.ts';
import { networkTrouble } from './vault-trouble.ts';

export interface VaultRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Below `/v1/`, as it goes into a URL. */
  readonly path: string;
  readonly token?: Secret;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The one way to Vault: every request takes a permit and has a deadline. */
export interface VaultDoor {
  /** Never throws for what the network does. Follows one redirect: that of a standby to the active node. */
  ask(request: VaultRequest): Promise<VaultAnswer | SecretTrouble>;
}

export interface VaultDoorPorts {
  readonly system: System;
  readonly version: string;
  readonly http: HttpClient;
  readonly budget: Budget;
  /** Aborts what is under way when the client is closed. */
  stopping(): AbortSignal;
  /** The definition that holds now. */
  definition(): VaultDefinition;
  /** Takes every known secret out of a text. */
  mask(text: string): string;
}

/** A secret is a few kilobytes; Vault stores no entry above 1 MiB, which JSON may write several times as long. */
const longestBodyBytes = 4 * 1024 * 1024;
const longestPermitWaitMs = 30_000;

export function createVaultDoor(ports: VaultDoorPorts): VaultDoor {
  const { system, version, http, budget, stopping, definition, mask } = ports;
  const { clock, random } = system;

  const exchange = async (url: URL, { method, token, body }: VaultRequest, timeoutMs: number) => {
    const untilMs = clock.monotonicMs() + longestPermitWaitMs;
    const permit = await budget.acquire({ urgent: true, untilMs, signal: stopping() });
    if (!(permit instanceof Permit)) return undefined;
    const { namespace, ca } = definition();
    const headers = compact({
      ...ownHeaders('', { random, version, traced: false }),
      // Vault's own agents and proxies refuse requests without it: a page in a browser cannot send it.
      'x-vault-request': 'true',
      'x-vault-token': token?.reveal(),
      'x-vault-namespace': namespace,
      'content-type': body && 'application/json',
    });
    const request = compact({
      url,
      method,
      headers,
      body: body && JSON.stringify(body),
      connection: ca === undefined ? undefined : { ca },
      maxBodyBytes: longestBodyBytes,
    });
    const deadline = createDeadline(clock, timeoutMs, stopping());
    const sentMs = clock.monotonicMs();
    try {
      return { ...(await http.exchange(permit, request, deadline)), sentMs };
    } finally {
      deadline.close();
    }
  };

  return {
    async ask(request) {
      const { address, timeoutMs } = definition();
      let url = new URL(`${address}/v1/${request.path}`);
      let done = await exchange(url, request, timeoutMs);
      const active = done && activeNode(done, url);
      if (active) {
        url = active;
        done = await exchange(url, request, timeoutMs);
      }
      if (!done) return noPermit(budget.name);
      const { response, failure, sentMs } = done;
      if (failure) return networkTrouble(failure, url);
      // Without a failure there is a whole answer.
      const { status, headers, body } = response as HttpResponse;
      const json = parseJson(body.toString());
      return { status, headers, json, errors: errorsOf(json, mask), sentMs, url: url.href };
    },
  };
}

/**
 * Where a standby sends its clients that does not pass requests on itself. The token goes along, so never from https to
 * plain http, and in plain http to no other host than it went to already.
 */
function activeNode({ response }: HttpExchange, asked: URL): URL | undefined {
  const location = response && [301, 302, 307, 308].includes(response.status) ? response.headers.location : undefined;
  const active = location === undefined ? null : URL.parse(location, asked.href);
  if (!active) return undefined;
  const isPlainAnyway = active.protocol === asked.protocol && active.hostname === asked.hostname;
  return active.protocol === 'https:' || isPlainAnyway ? active : undefined;
}

function noPermit(budget: string): SecretTrouble {
  return {
    reason: 'rate_limited',
    problem: `the budget ${budget} had no permit for a request to Vault`,
    action: `raise the rate of the budget ${budget}`,
    evidence: { budget },
  };
}
