import { Resolver as Channel } from 'node:dns/promises';
import type { Clock, Timer } from '../system/clock.ts';
import { abortable } from './abortable.ts';
import type { Address, IpVersion, Preference } from './address.ts';

export interface ChannelOptions {
  /** `address:port` of the name servers, instead of those of the host's resolv.conf. */
  readonly servers?: readonly string[];
  /** Milliseconds until a name server is asked again, and how often it is asked; without them c-ares' own. */
  readonly timeoutMs?: number;
  readonly tries?: number;
}

/** What DNS said of one full name: at least one address, or the code of its refusal. */
export type DnsAnswer = { readonly addresses: readonly Address[] } | { readonly code: string };

export interface DnsChannels {
  /** Asks for the IPv4 and IPv6 addresses of a name; rejects only with the reason of an aborted signal. */
  ask(name: string, prefer: Preference | undefined, signal: AbortSignal): Promise<DnsAnswer>;
  /** Makes further questions read the host's name servers anew. */
  renew(): void;
}

/** How long one family's addresses wait for the other family's (RFC 8305 section 3). */
const resolutionDelayMs = 50;
const preferredDelayMs = 1000;

/** What is open for a moment, when all names hang at once, does not stay: a channel takes some 10 kB. */
const mostIdle = 50;

/** The refusal that says more: that a name is there without addresses over that it is not there, a broken server over both. */
export function moreTelling(a: string | undefined, b: string): string {
  const telling = (code: string) => ['ENOTFOUND', 'ENODATA'].indexOf(code) + 1 || 3;
  return a !== undefined && telling(a) >= telling(b) ? a : b;
}

/**
 * c-ares channels. Each serves one question at a time, so that cancelling one touches no other; an idle one is used
 * again, since making one reads files.
 */
export function createDnsChannels(clock: Clock, { servers, timeoutMs, tries }: ChannelOptions): DnsChannels {
  let idle: Channel[] = [];
  const open = () => {
    const channel = new Channel({
      ...(timeoutMs !== undefined && { timeout: timeoutMs }),
      ...(tries !== undefined && { tries }),
    });
    if (servers) channel.setServers(servers);
    return channel;
  };

  const question = (channel: Channel, name: string, prefer: Preference | undefined, signal: AbortSignal) =>
    abortable<DnsAnswer>(signal, (resolve) => {
      const found = new Map<IpVersion, readonly Address[]>();
      let refusal: string | undefined;
      let delay: Timer | undefined;
      const conclude = () => {
        const addresses = [...found.values()].flat();
        resolve(addresses.length > 0 ? { addresses } : { code: refusal as string });
      };
      const answered = (family: IpVersion, texts: readonly string[]) => {
        found.set(
          family,
          texts.map((address) => ({ address, family })),
        );
        if (found.size === 2) return conclude();
        if (texts.length === 0) return;
        const missing = family === 4 ? 'ip6' : 'ip4';
        delay = clock.after(prefer === missing ? preferredDelayMs : resolutionDelayMs, conclude);
      };
      const refused = (family: IpVersion) => (error: NodeJS.ErrnoException) => {
        refusal = moreTelling(refusal, String(error.code));
        answered(family, []);
      };
      channel.resolve6(name).then((texts) => answered(6, texts), refused(6));
      channel.resolve4(name).then((texts) => answered(4, texts), refused(4));
      return () => {
        delay?.cancel();
        channel.cancel();
      };
    });

  return {
    async ask(name, prefer, signal) {
      const channels = idle;
      const channel = channels.pop() ?? open();
      try {
        return await question(channel, name, prefer, signal);
      } finally {
        if (channels.length < mostIdle) channels.push(channel);
      }
    },
    renew() {
      idle = [];
    },
  };
}
