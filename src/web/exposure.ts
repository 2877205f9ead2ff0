import { isLoopbackHost } from '../model/loopback.ts';

/**
 * Who can reach a listener: `loopback` (this machine), `network` (anybody who finds a route), `socket` (this user,
 * through the control socket).
 */
export type Exposure = 'loopback' | 'network' | 'socket';

/** The exposure of a bound address, as the operating system tells it. `0.0.0.0` and `::` are the network. */
export function exposureOf(address: string): Exposure {
  return isLoopbackHost(address) ? 'loopback' : 'network';
}

/**
 * Whether a Host header can be meant for us. A page on another site may point its own name at 127.0.0.1 (DNS
 * rebinding): the browser then sends that name, and what it gets would be readable there. An IP address cannot be rebound.
 */
export function isOwnHost(host: string | undefined): boolean {
  const name = /^(\[[\da-f:.]+\]|[\da-z.-]+)(?::\d+)?$/i.exec(host ?? '')?.[1];
  if (name === undefined) return false;
  return name.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || isLoopbackHost(name);
}
