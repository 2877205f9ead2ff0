import { type HostPort, parseHostPort } from '../model/host-port.ts';

/** What `parseListen` takes, for messages. */
export const listenExpectation = 'expected HOST:PORT such as 127.0.0.1:7663 or [::1]:7663';

/** Takes the `HOST:PORT` or `[IPv6]:PORT` to listen on apart; undefined when the text is none. */
export function parseListen(text: string): HostPort | undefined {
  return parseHostPort(text);
}
