import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { borrowTokens } from '../../src/cli/borrowed-source.ts';
import { beyondLentBounds } from '../../src/cli/lent-bounds.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createSystem } from '../../src/system/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const yaml = `
allow_plaintext_secrets: true
tokens:
  lab:
    token_endpoint: https://issuer.example/token
    grant: client_credentials
    client_id: lab
    client_secret: s
checks:
  inside:
    token: lab
    http: https://api.example/v1
  outside:
    token: lab
    http: https://elsewhere.example/v1
  tokenless:
    http: https://elsewhere.example/
`;

/** What a command has of a daemon (fake) that may send the token to one origin. */
async function borrow(sendTo: readonly string[]) {
  const system = createSystem();
  const stateDir = await temporaryFolder();
  const file = join(stateDir, 'sonde.yaml');
  await writeFile(file, yaml);
  const loaded = await loadConfiguration(system, [file], { unresolved: 'error' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { checks, tokens } = loaded.configuration;
  const loan = { send_to: sendTo, token: { value: 'at-1', generation: 1 } };
  const daemon = createServer((_, response) => response.end(JSON.stringify(loan)));
  await new Promise<void>((resolve) => daemon.listen(join(stateDir, 'sonde.sock'), resolve));
  onTestFinished(() => void daemon.close());
  const ports = { system, skew: () => undefined, correctsAssertions: () => false };
  const borrowed = await borrowTokens(ports, stateDir, tokens);
  if (!borrowed) throw new Error('nothing was lent');
  return { checks, borrowed };
}

describe('the send_to of the daemon that lends a token', () => {
  it('binds the checks of a single run', async () => {
    const { checks, borrowed } = await borrow(['https://api.example']);
    expect(beyondLentBounds(checks, borrowed)).toEqual([
      'checks.outside.token: "lab" may not be sent to https://elsewhere.example; the send_to of the daemon that lends it has https://api.example.',
    ]);
  });

  it('binds wherever a redirect leads', async () => {
    const { borrowed } = await borrow(['https://api.example']);
    const authorizer = borrowed.get('lab')?.source.authorizer();
    const sent = async (url: string) => (await authorizer?.authorize({ url: new URL(url), method: 'GET' }))?.headers;
    expect(await sent('https://api.example/v1')).toEqual({ authorization: 'Bearer at-1' });
    expect(await sent('https://elsewhere.example/v1')).toEqual({});
  });

  it('binds nothing where the daemon has none', async () => {
    const { checks, borrowed } = await borrow([]);
    expect(beyondLentBounds(checks, borrowed)).toEqual([]);
  });
});
