import { execFile, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decode, encode } from 'dns-packet';
import { expect, it, onTestFinished } from 'vitest';
import { parseSearchRules, searchNames } from '../../src/net/resolv-conf.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The C library asks port 53 alone, so the name server needs an address that nobody else serves. */
const address = '127.77.53.1';

/** To put another resolv.conf before the C library takes a mount namespace, which few but root may have. */
const canMount = spawnSync('unshare', ['--mount', 'getent', 'hosts', '127.0.0.1']).status === 0;

const run = promisify(execFile);

/** The names that are asked for an IPv4 address, of a server that knows none. */
async function startNameServer(): Promise<string[]> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  onTestFinished(() => {
    socket.close();
  });
  socket.on('message', (message, sender) => {
    const { id, questions } = decode(message);
    for (const { name } of questions) asked.push(name);
    const answer = encode({ id, type: 'response', flags: 0x183, questions, answers: [] });
    socket.send(answer, sender.port, sender.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject).bind(53, address, resolve);
  });
  return asked;
}

it.runIf(canMount)('names are completed in the order in which the C library does', async () => {
  const asked = await startNameServer();
  const file = join(await temporaryFolder(), 'resolv.conf');
  for (const ndots of [1, 2, 5])
    for (const host of ['api', 'api.shop', 'a.b.c.d.e.f', 'api.', 'api.shop.', 'API']) {
      const text = `nameserver ${address}\nsearch one.example two.example\noptions ndots:${ndots}\n`;
      await writeFile(file, text);
      asked.length = 0;
      const script = 'mount --bind "$1" /etc/resolv.conf && getent ahostsv4 "$2"';
      await run('unshare', ['--mount', 'sh', '-c', script, 'sh', file, host]).catch(() => 'it knows none');
      expect(searchNames(host, parseSearchRules(text))).toEqual(asked);
    }
});
