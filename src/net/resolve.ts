import { isIP } from 'node:net';
import type { System } from '../system/system.ts';
import type { Address, Preference } from './address.ts';
import { type ChannelOptions, createDnsChannels, moreTelling } from './dns-channels.ts';
import { createFreshFile } from './fresh-file.ts';
import { parseHosts } from './hosts-file.ts';
import { parseSearchRules, searchNames } from './resolv-conf.ts';

export interface ResolveOptions {
  /** The family whose answer is waited for longer. */
  readonly prefer?: Preference | undefined;
  /** Ends the lookup when aborted; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Turns host names into addresses without Node's thread pool, so that one slow name never delays another. */
export interface Resolver {
  /** At least one address; throws a `ResolveError`. */
  resolve(host: string, options: ResolveOptions): Promise<readonly Address[]>;
}

export interface ResolverOptions extends ChannelOptions {
  readonly hostsPath?: string;
  readonly resolvConfPath?: string;
}

const explanations: Readonly<Record<string, string>> = {
  ENOTFOUND: 'does not exist',
  ENODATA: 'has no address',
  ESERVFAIL: 'could not be resolved: the name server failed',
  EREFUSED: 'could not be resolved: the name server refused',
  ETIMEOUT: 'could not be resolved: no name server answered',
  ECONNREFUSED: 'could not be resolved: no name server could be reached',
};

/** A host name that has no address; `code` is Node's for DNS (`ENOTFOUND`, `ENODATA`, `ESERVFAIL`, `ETIMEOUT`, …). */
export class ResolveError extends Error {
  readonly code: string;

  constructor(code: string, host: string) {
    super(`the name ${host} ${explanations[code] ?? `could not be resolved: ${code}`}`);
    this.code = code;
  }
}

/** What RFC 6761 section 6.3 promises of `localhost`, for hosts whose hosts file does not say. */
const loopback: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

const isLocalhost = (name: string) => name === 'localhost' || name.endsWith('.localhost');

/** Codes after which the next completion of a short name is tried, as the C library does. */
const goesOn = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL']);

/** Resolves IP literals, names of the hosts file, then by DNS with the search rules of resolv.conf. */
export function createResolver(system: System, options: ResolverOptions = {}): Resolver {
  const channels = createDnsChannels(system.clock, options);
  const hosts = createFreshFile(system, options.hostsPath ?? '/etc/hosts', parseHosts);
  const searchRules = createFreshFile(system, options.resolvConfPath ?? '/etc/resolv.conf', (text) => {
    channels.renew();
    return parseSearchRules(text);
  });

  const askDns = async (host: string, names: readonly string[], { prefer, signal }: ResolveOptions) => {
    let refusal: string | undefined;
    for (const name of names) {
      const answer = await channels.ask(name, prefer, signal);
      if ('addresses' in answer) return answer.addresses;
      refusal = moreTelling(refusal, answer.code);
      if (!goesOn.has(answer.code)) break;
    }
    throw new ResolveError(refusal as string, host);
  };

  return {
    async resolve(host, resolveOptions) {
      const family = isIP(host);
      if (family === 4 || family === 6) return [{ address: host, family }];
      const [known, rules] = await Promise.all([hosts(), searchRules()]);
      const name = host.toLowerCase().replace(/\.$/, '');
      const listed = known.get(name) ?? (isLocalhost(name) ? loopback : undefined);
      return listed ?? askDns(host, searchNames(host, rules), resolveOptions);
    },
  };
}
