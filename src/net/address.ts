export type IpVersion = 4 | 6;

/** The address family that is tried first. */
export type Preference = 'ip4' | 'ip6';

/** An IP address that a host name stands for. */
export interface Address {
  readonly address: string;
  readonly family: IpVersion;
}

/** The host of a URL as sockets and resolvers want it: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** The port of a URL, or the default one of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
