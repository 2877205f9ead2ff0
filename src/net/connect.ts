import type { Socket } from 'node:net';
import type { System } from '../system/system.ts';
import { hostOf, portOf } from './address.ts';
import { dial } from './dial.ts';
import { NetError } from './failure.ts';
import type { ConnectionOptions, HttpExchange } from './http.ts';
import type { Resolver } from './resolve.ts';
import { createSecureContexts } from './secure-contexts.ts';
import type { Stopwatch } from './stopwatch.ts';
import { secure } from './tls.ts';
import { openTunnel } from './tunnel.ts';

/** What making a connection has shown so far: told even when it breaks later. */
export interface ConnectionRecord {
  readonly stopwatch: Stopwatch;
  facts: Pick<HttpExchange, 'address' | 'ipVersion' | 'tls'>;
  /** The proxy, until it has opened the way: what breaks before that is not the target's doing. */
  proxy?: URL | undefined;
}

/** Opens a connection on which a request for `url` can be sent, and notes phases and facts in the record. */
export type Connect = (
  url: URL,
  options: ConnectionOptions,
  record: ConnectionRecord,
  signal: AbortSignal,
) => Promise<Socket>;

export function createConnect(system: System, resolver: Resolver): Connect {
  const contexts = createSecureContexts();

  const reach = async (url: URL, { prefer }: ConnectionOptions, record: ConnectionRecord, signal: AbortSignal) => {
    record.stopwatch.enter('resolve');
    const addresses = await resolver.resolve(hostOf(url), { prefer, signal });
    record.stopwatch.endByEvent();
    const began = () => record.stopwatch.enter('connect');
    const dialled = await dial(system.clock, addresses, { port: portOf(url), prefer, signal, began });
    record.stopwatch.endByEvent();
    const { socket, address, ipVersion } = dialled;
    record.facts = { address, ipVersion };
    return socket;
  };

  return async (url, options, record, signal) => {
    const { proxy, serverName } = options;
    // Before the first phase: to read the trusted authorities takes a while, once, and that is not the target's time.
    const context = url.protocol === 'https:' ? contexts.contextFor(options) : undefined;
    record.proxy = proxy;
    if (proxy && proxy.protocol !== 'http:')
      throw new NetError('PROXY_UNSUPPORTED', `a proxy must be http://, not ${proxy.protocol}//`, { phase: 'connect' });
    const socket = await reach(proxy ?? url, options, record, signal);
    try {
      if (proxy && context) {
        record.stopwatch.enter('connect');
        await openTunnel(socket, proxy, url, signal);
        record.stopwatch.endByEvent();
      }
      record.proxy = undefined;
      if (!context) return socket;
      const began = () => record.stopwatch.enter('tls');
      const secured = await secure(socket, { name: serverName ?? hostOf(url), context, signal, began });
      record.facts = { ...record.facts, tls: secured.facts };
      return secured.socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  };
}
