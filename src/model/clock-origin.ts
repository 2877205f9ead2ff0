/**
 * The origin of an address as the name of one clock: that of a host that is written with a dot at its end is the same.
 * `null` where the scheme has no origins.
 */
export function clockOrigin({ origin, protocol, hostname, port }: URL): string {
  if (!hostname.endsWith('.')) return origin;
  return `${protocol}//${hostname.slice(0, -1)}${port === '' ? '' : `:${port}`}`;
}
