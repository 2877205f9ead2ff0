/** Where something listens. */
export interface HostPort {
  /** A name or an IP address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where NTP servers listen (RFC 5905 section 7.2). */
export const ntpPort = 123;

/**
 * Takes `HOST:PORT` and `[IPv6]:PORT` apart, and a bare host or IPv6 address when there is a `defaultPort`; undefined when
 * the text is neither.
 */
export function parseHostPort(text: string, defaultPort?: number): HostPort | undefined {
  const [, bracketed, plain, port] = /^(?:\[([\dA-Fa-f:.]+)\]|([^\s:/[\]@]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bareV6 = defaultPort !== undefined && /^[\dA-Fa-f]*:[\dA-Fa-f:.]*:[\dA-Fa-f.]*$/.test(text) ? text : undefined;
  const host = bracketed ?? plain ?? bareV6;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number === undefined || number > 65_535) return undefined;
  return { host, port: number };
}

/** What `parseTimeServer` takes, for messages. */
export const timeServerExpectation = 'expected a host or HOST:PORT such as ntp.example.net or [2001:db8::1]:123';

/** Takes the address of an NTP server apart; undefined when the text is none, as with the port 0: nothing is there. */
export function parseTimeServer(text: string): HostPort | undefined {
  const address = parseHostPort(text, ntpPort);
  return address?.port === 0 ? undefined : address;
}

/** Host and port as a person writes them: without the port where it is `defaultPort`. */
export function showHostPort({ host, port }: HostPort, defaultPort: number): string {
  if (port === defaultPort) return host;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Those that differ: of one server that is named twice, also in other case or with a dot at its end, the first. */
export function distinctServers(servers: readonly HostPort[]): readonly HostPort[] {
  const nameOf = ({ host, port }: HostPort) => `${host.toLowerCase().replace(/\.$/, '')} ${port}`;
  const names = servers.map(nameOf);
  return servers.filter((server, index) => names.indexOf(nameOf(server)) === index);
}
