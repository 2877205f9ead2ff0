import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiFaults } from './api-faults.ts';
import { apiRoutes } from './api-routes.ts';
import { labClients } from './issuer-clients.ts';
import { issuerFaults } from './issuer-faults.ts';

/** The text of a section's table rows without the first two, which are its head; a row is its trimmed cells. */
function tableUnder(page: string, heading: string): string[][] {
  const [section = ''] = page.split(`\n${heading}\n`).slice(1).join('').split('\n#');
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/lab.md', () => {
  let page: string;

  beforeAll(async () => {
    page = await readFile(new URL('../../docs/lab.md', import.meta.url), 'utf8');
  });

  it.each([
    ['### Faults of the API', apiFaults],
    ['### Faults of the issuer', issuerFaults],
  ])('has under "%s" exactly what the code has', (heading, faults) => {
    const rows = Object.entries(faults).map(([name, { sentence }]) => [`\`${name}\``, sentence]);
    expect(tableUnder(page, heading)).toEqual(rows);
  });

  it('lists the clients of the issuer', () => {
    const clients = tableUnder(page, '## Clients of the issuer').map((cells) => cells.slice(0, 3));
    const rows = Object.entries(labClients).map(([id, { grant, authentication }]) => [id, grant, authentication]);
    expect(clients).toEqual(rows.map((cells) => cells.map((cell) => `\`${cell}\``)));
  });

  it('lists the routes of the API', () => {
    const paths = tableUnder(page, '## Routes of the API').map(([route]) => route);
    expect(paths.sort()).toEqual([...apiRoutes.keys()].map((path) => `\`GET ${path}\``).sort());
  });
});
