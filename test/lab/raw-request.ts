import { connect } from 'node:net';

/** What came over a connection, and how it ended. */
export interface RawAnswer {
  readonly text: string;
  /** `end` in good order, or the code of the system's error: `ECONNRESET`, `ECONNREFUSED`. */
  readonly end: string;
}

/** Sends one GET over a socket of its own and reads until the connection ends: shows what an HTTP client would hide. */
export function rawGet(url: string): Promise<RawAnswer> {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return new Promise((resolve) => {
    let text = '';
    let end = 'end';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end = error.code ?? error.message;
    });
    socket.on('close', () => resolve({ text, end }));
  });
}
