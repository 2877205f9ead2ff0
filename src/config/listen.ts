/** An address to listen on. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What `parseHostPort` takes, for messages. */
export const listenExpectation = 'expected HOST:PORT such as 127.0.0.1:7663 or [::1]:7663';

/** Takes `HOST:PORT` and `[IPv6]:PORT` apart, and a bare host or IPv6 address when there is a `defaultPort`; undefined when the text is neither. */
export function parseHostPort(text: string, defaultPort?: number): ListenAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([\dA-Fa-f:.]+)\]|([^\s:/[\]@]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bareV6 = defaultPort !== undefined && /^[\dA-Fa-f]*:[\dA-Fa-f:.]*:[\dA-Fa-f.]*$/.test(text) ? text : undefined;
  const host = bracketed ?? plain ?? bareV6;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number === undefined || number > 65_535) return undefined;
  return { host, port: number };
}

/** Takes the `HOST:PORT` or `[IPv6]:PORT` to listen on apart; undefined when the text is none. */
export function parseListen(text: string): ListenAddress | undefined {
  return parseHostPort(text);
}
