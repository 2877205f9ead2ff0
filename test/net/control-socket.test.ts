import { createServer } from 'node:http';
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
    expect(await askDaemon(join(folder, 'sonde.sock'), '/')).toBeUndefined();
    expect(await askDaemon(join(folder, 'absent', 'sonde.sock'), '/')).toBeUndefined();
    expect(await askDaemon('/etc/hosts/sonde.sock', '/')).toBeUndefined();
  });

  it('fails where something else answers', async () => {
    const socketPath = join(await temporaryFolder(), 'sonde.sock');
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
    await expect(askDaemon(socketPath, '/')).rejects.toThrow();
  });
});
