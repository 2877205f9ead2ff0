import { createServer, type ServerResponse } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askDaemon } from '../../src/net/control-socket.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the question to a daemon', () => {
  it('is answered over its socket', async () => {
    const socketPath = join(await temporaryFolder(), 'sonde.sock');
    const server = createServer((request, response) => response.writeHead(404).end(`nothing at ${request.url}`));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
    expect(await askDaemon(socketPath, '/control/tokens/a')).toEqual({
      status: 404,
      body: 'nothing at /control/tokens/a',
    });
  });

  it('hands something over as JSON', async () => {
    const socketPath = join(await temporaryFolder(), 'sonde.sock');
    const server = createServer(async (request, response) => {
      response.end(`${request.method} ${request.headers['content-type']} ${await text(request)}`);
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
    expect(await askDaemon(socketPath, '/', { token: 'ä' })).toEqual({
      status: 200,
      body: 'POST application/json {"token":"ä"}',
    });
  });

  it('has no answer where no daemon runs', async () => {
    const folder = await temporaryFolder();
    expect(await askDaemon(join(folder, 'sonde.sock'), '/')).toBe('absent');
    expect(await askDaemon(join(folder, 'absent', 'sonde.sock'), '/')).toBe('absent');
    expect(await askDaemon('/etc/hosts/sonde.sock', '/')).toBe('absent');
  });

  it.each([
    ['before', (response: ServerResponse) => response.socket?.destroy()],
    ['in the middle of', (response: ServerResponse) => response.write('{"half', () => response.socket?.destroy())],
  ])('is hung up on by a daemon that dies %s its answer', async (_, die) => {
    const socketPath = join(await temporaryFolder(), 'sonde.sock');
    const server = createServer((_request, response) => void die(response));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
    expect(await askDaemon(socketPath, '/', {})).toBe('hung up');
  });

  it('fails where something else answers', async () => {
    const socketPath = join(await temporaryFolder(), 'sonde.sock');
    const server = createNetServer((socket) => socket.end('no HTTP\r\n'));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
    await expect(askDaemon(socketPath, '/')).rejects.toThrow();
  });
});
