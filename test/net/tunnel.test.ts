import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dial } from '../../src/net/dial.ts';
import { openTunnel } from '../../src/net/tunnel.ts';
import { createVirtualClock } from '../support/virtual-system.ts';
import { listen } from './loopback.ts';

const never = new AbortController().signal;

/** Opens a tunnel through a server that sends `answer` to whatever comes. */
async function tunnel(answer: string, target = 'https://api.example/path', userInfo = '') {
  let heard = '';
  const server = createServer((socket) =>
    socket.once('data', (data) => {
      heard += data;
      socket.end(answer);
    }),
  );
  const port = await listen(server);
  const addresses = [{ address: '127.0.0.1', family: 4 } as const];
  const { socket } = await dial(createVirtualClock(), addresses, { port, signal: never });
  onTestFinished(() => {
    socket.destroy();
  });
  const opening = openTunnel(socket, new URL(`http://${userInfo}127.0.0.1:${port}`), new URL(target), never);
  return { socket, port, opening, heard: () => heard };
}

describe('a tunnel', () => {
  it('is asked for with host and port and without the path', async () => {
    const { opening, heard } = await tunnel('HTTP/1.1 200 Connection established\r\n\r\n');
    await opening;
    expect(heard()).toMatch(/^CONNECT api\.example:443 HTTP\/1\.1\r\nhost: api\.example:443\r\n/i);
    expect(heard()).not.toMatch(/authorization/i);
  });

  it('is asked for with the brackets of an IPv6 address and the credentials of the proxy', async () => {
    const { opening, heard } = await tunnel('HTTP/1.1 204 Fine\r\n\r\n', 'https://[::1]:8443/', 'user:pass@');
    await opening;
    expect(heard()).toContain('CONNECT [::1]:8443 ');
    expect(heard()).toMatch(/proxy-authorization: Basic dXNlcjpwYXNz\r\n/i);
  });

  it('loses nothing of what comes right behind the answer', async () => {
    const { opening, socket } = await tunnel('HTTP/1.1 200 OK\r\n\r\nhello');
    await opening;
    expect(String(socket.read())).toBe('hello');
  });

  it.each([
    ['407 Proxy Authentication Required', 'PROXY_UNAUTHORIZED'],
    ['502 Bad Gateway', 'PROXY_REFUSED'],
    ['302 Found', 'PROXY_REFUSED'],
  ])('is refused by %s', async (status, code) => {
    const { opening } = await tunnel(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`, undefined, 'user:pass@');
    await expect(opening).rejects.toMatchObject({ code, message: `it answered CONNECT with ${status}` });
  });

  it('fails when the proxy closes the connection or speaks something else', async () => {
    await expect((await tunnel('')).opening).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect((await tunnel('SSH-2.0-server\r\n')).opening).rejects.toMatchObject({
      code: expect.stringMatching(/^HPE_/),
    });
  });
});
