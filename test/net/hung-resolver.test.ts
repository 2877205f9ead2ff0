import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createResolver } from '../../src/net/resolve.ts';
import { startFakeDns } from '../support/fake-dns.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { createVirtualSystem, settle } from '../support/virtual-system.ts';
import { createClientWorld, listen } from './loopback.ts';

/** More than Node has threads for what blocks. */
const hanging = 60;

it('requests go on, by DNS, by the hosts file and by address, while the names of others hang (fake name server)', async () => {
  const dns = await startFakeDns({ 'hung.example': 'silence', 'api.example': { A: ['127.0.0.1'], AAAA: [] } });
  const hostsPath = join(await temporaryFolder(), 'hosts');
  await writeFile(hostsPath, '127.0.0.1 listed.example\n');
  const resolver = createResolver(createVirtualSystem(), { servers: [dns.server], hostsPath });
  const port = await listen(createServer((_, response) => response.end('hello')));
  const hung = createClientWorld(resolver);
  const others = createClientWorld(resolver);

  const held = Array.from({ length: hanging }, () => hung.ask(`http://hung.example:${port}/`));
  let ended = 0;
  for (const exchange of held) void exchange.then(() => ended++);
  while (dns.asked.length < 2 * hanging) await settle();

  for (const host of ['api.example', 'listed.example', 'localhost', '127.0.0.1']) {
    const { response, phases } = await others.ask(`http://${host}:${port}/`);
    expect(response?.status).toBe(200);
    expect(phases.resolve).toBe(0);
  }
  expect(ended).toBe(0);

  await hung.system.clock.advance(5000);
  for (const { failure } of await Promise.all(held))
    expect(failure).toMatchObject({ phase: 'resolve', code: 'TIMEOUT' });
});
