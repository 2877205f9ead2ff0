import { once } from 'node:events';
import { cores, spawnOn } from '../cores.ts';
import type { CostCase } from './cases.ts';
import type { Nginx } from './nginx.ts';

/** `time` of bash tells user and system time of what it ran. */
const command =
  'TIMEFORMAT="cpu %U %S"; time wrk --threads 1 --connections 20 --duration 3s --header "Connection: close" "$0"';

/** Microseconds of CPU of one request of wrk, which asks as fast as it can. Throws when it says nothing that is known. */
export async function wrkCostUs(cost: CostCase, nginx: Nginx): Promise<number> {
  const child = spawnOn(cores.measured, 'bash', ['-c', command, nginx.urlOf(cost)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (chunk) => {
      text += chunk;
    });
  await once(child, 'close');
  const [, user, system] = /^cpu (\S+) (\S+)$/m.exec(text) ?? [];
  const requests = /^\s*(\d+) requests in/m.exec(text)?.[1];
  if (requests === undefined || /Non-2xx/.test(text)) throw new Error(`wrk said ${text}`);
  return ((Number(user) + Number(system)) * 1e6) / Number(requests);
}
