import { BlockList, isIP } from 'node:net';
import { hostOf, portOf } from './address.ts';

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function isInSubnet(host: string, subnet: string): boolean {
  const [network, prefix] = subnet.split('/') as [string, string];
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.POSITIVE_INFINITY;
  if (isIP(host) === 0 || isIP(network) === 0 || bits > (isIP(network) === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, familyOf(network));
  return list.check(host, familyOf(host));
}

/** Splits `host:port`; an IPv6 address has a port only behind brackets. */
function splitEntry(entry: string): { readonly host: string; readonly port?: number } {
  const withPort = /^(?:\[(?<six>.+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(entry)?.groups;
  if (withPort) return { host: (withPort.six ?? withPort.host) as string, port: Number(withPort.port) };
  return { host: entry.replace(/^\[|\]$/g, '') };
}

function covers(entry: string, url: URL): boolean {
  if (entry === '*') return true;
  const host = hostOf(url).replace(/\.$/, '');
  if (entry.includes('/')) return isInSubnet(host, entry);
  const { host: pattern, port } = splitEntry(entry);
  if (port !== undefined && port !== portOf(url)) return false;
  if (pattern.startsWith('.')) return host.endsWith(pattern);
  return host === pattern || (isIP(host) === 0 && host.endsWith(`.${pattern}`));
}

/**
 * Whether a URL is reached without the proxy. Entries are `*`, `example.com` (it and its subdomains), `.example.com`
 * or `*.example.com` (subdomains alone), an IP address, a subnet such as `10.0.0.0/8`; all but a subnet may end in `:port`.
 */
export function bypassesProxy(url: URL, noProxy: readonly string[]): boolean {
  return noProxy.some((entry) => covers(entry.trim().toLowerCase().replace(/^\*\./, '.'), url));
}
