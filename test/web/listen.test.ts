import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSystem } from '../../src/system/system.ts';
import type { Exposure } from '../../src/web/exposure.ts';
import { ListenError, startControlSocket, startWeb } from '../../src/web/listen.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { ask } from './ask.ts';

const system = createSystem();
const echoExposure =
  (exposure: Exposure): RequestListener =>
  (_, response) =>
    void response.end(exposure);

async function start(host: string, port = 0, app = echoExposure) {
  const listener = await startWeb({ system, host, port, app });
  onTestFinished(() => listener.close());
  return listener;
}

describe('a TCP listener', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['localhost', 'loopback'],
    ['0.0.0.0', 'network'],
  ])('on %s is exposed to the %s', async (host, exposure) => {
    const { address } = await start(host);
    const reached = host === '0.0.0.0' ? '127.0.0.1' : address.host;
    expect((await ask({ host: reached, port: address.port })).text).toBe(exposure);
  });

  it('says in a sentence why an address cannot be had', async () => {
    const { address } = await start('127.0.0.1');
    const taken = start('127.0.0.1', address.port);
    await expect(taken).rejects.toThrow(ListenError);
    await expect(taken).rejects.toThrow(
      `sonde cannot listen on 127.0.0.1:${address.port}: another process listens there already.`,
    );
    await expect(start('192.0.2.1')).rejects.toThrow('this host has no such address');
    await expect(start('no-such-host.invalid')).rejects.toMatchObject({ code: 'LISTEN' });
  });

  it('cuts off a client that sends more header than anybody needs', async () => {
    const { address } = await start('127.0.0.1');
    const reply = await ask({ ...address, headers: { 'x-long': 'x'.repeat(20_000) } });
    expect(reply.status).toBe(431);
  });

  it('closes at once when nobody is being answered, though connections are kept', async () => {
    const { address, close } = await startWeb({ system, host: '127.0.0.1', port: 0, app: echoExposure });
    const kept = connect(address.port, address.host);
    kept.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(kept, 'data');
    await close();
    await expect(ask(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets an answer end before it closes', async () => {
    const arrived = Promise.withResolvers<() => void>();
    const app = (): RequestListener => (_, response) => arrived.resolve(() => response.end('whole'));
    const { address, close } = await startWeb({ system, host: '127.0.0.1', port: 0, app });
    const reply = ask(address);
    const answer = await arrived.promise;
    const closed = close();
    answer();
    expect((await reply).text).toBe('whole');
    await closed;
  });

  it('does not wait for ever for an answer to end', async () => {
    const virtual = createVirtualSystem();
    const arrived = Promise.withResolvers<void>();
    const app = (): RequestListener => () => arrived.resolve();
    const { address, close } = await startWeb({ system: virtual, host: '127.0.0.1', port: 0, app });
    const reply = expect(ask(address)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await arrived.promise;
    const closed = close();
    await virtual.clock.advance(1_000);
    await Promise.all([closed, reply]);
    expect(virtual.clock.pending()).toBe(0);
  });

  it('takes no more connections than people and scrapers need', async () => {
    const { address } = await start('127.0.0.1');
    const clients = Array.from({ length: 64 }, () => connect(address.port, address.host));
    onTestFinished(() => {
      for (const client of clients) client.destroy();
    });
    await Promise.all(clients.map((client) => once(client, 'connect')));
    const one = clients[0] as (typeof clients)[number];
    one.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(one, 'data');
    const tooMany = connect(address.port, address.host);
    expect(await text(tooMany)).toBe('');
  });

  it('makes room for who comes by closing connections that are kept and not used', async () => {
    const { address } = await start('127.0.0.1');
    const kept = Array.from({ length: 64 }, () => connect(address.port, address.host));
    onTestFinished(() => {
      for (const client of kept) client.destroy();
    });
    for (const client of kept) {
      client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await once(client, 'data');
    }
    const refused = connect(address.port, address.host);
    refused.on('error', () => {});
    await once(refused, 'close');
    expect((await ask({ host: address.host, port: address.port })).status).toBe(200);
  });

  it('cuts off a client that piles up requests and does not read', async () => {
    let answered = 0;
    const never: RequestListener = () => {
      answered++;
    };
    const { address } = await start('127.0.0.1', 0, () => never);
    const client = connect(address.port, address.host);
    client.on('error', () => {});
    client.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(3_000));
    await new Promise((resolve) => client.on('close', resolve));
    expect(answered).toBe(2);
  });
});

describe('the control socket', () => {
  const startAt = async (path: string) => {
    const listener = await startControlSocket({ system, path, app: echoExposure });
    onTestFinished(() => listener.close());
    return listener;
  };

  it('is for its owner alone, also after a crash left one behind', async () => {
    const path = join(await temporaryFolder(), 'sonde.sock');
    await writeFile(path, '', { mode: 0o666 });
    const before = process.umask();
    await startAt(path);
    const { mode } = await stat(path);
    expect((mode & 0o777).toString(8)).toBe('600');
    expect(process.umask()).toBe(before);
    expect((await ask({ socketPath: path })).text).toBe('socket');
  });

  it('leaves nothing behind when it is closed', async () => {
    const path = join(await temporaryFolder(), 'sonde.sock');
    await (await startAt(path)).close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says in a sentence why a path cannot be had', async () => {
    const folder = await temporaryFolder();
    await expect(startAt(join(folder, 'x'.repeat(120)))).rejects.toThrow('longer than a socket may have');
    await expect(startAt(folder)).rejects.toBeInstanceOf(ListenError);
    await expect(startAt(join(folder, 'missing', 'sonde.sock'))).rejects.toBeInstanceOf(ListenError);
  });
});
