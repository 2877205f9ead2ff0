import { createServer } from 'node:http';
import { join } from 'node:path';
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
