import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cores, spawnOn } from '../cores.ts';
import { casesOf } from './cases.ts';
import type { MeasuredRun, Scene } from './measured.ts';

/** As Debian calls it. */
export const blackboxProgram = 'prometheus-blackbox-exporter';

const configurationOf = (authorityFile: string) => `modules:
  http:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      tls_config:
        ca_file: ${authorityFile}
`;

/** blackbox_exporter has no phase for the request alone: it begins to wait when the connection is there. */
const phaseNames = { connect: 'connect', tls: 'tls', processing: 'wait', transfer: 'transfer' } as const;

function runOf(name: string, text: string): MeasuredRun[] {
  if (!/^probe_success 1$/m.test(text)) return [];
  const phases: Record<string, number> = {};
  for (const [theirs, ours] of Object.entries(phaseNames)) {
    const value = new RegExp(`^probe_http_duration_seconds\\{phase="${theirs}"\\} (\\S+)$`, 'm').exec(text)?.[1];
    phases[ours] = Number(value) * 1000;
  }
  return [{ name, phases, tookMs: Number(/^probe_duration_seconds (\S+)$/m.exec(text)?.[1]) * 1000 }];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Has blackbox_exporter probe as often as the load says, evenly, and reads what it says of each probe. */
export async function measureBlackbox({ load, round, target, folder }: Scene): Promise<readonly MeasuredRun[]> {
  const file = join(folder, 'blackbox.yml');
  await writeFile(file, configurationOf(target.authorityFile));
  const port = await freePort();
  const options = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'];
  const child = spawnOn(cores.measured, blackboxProgram, options, { stdio: ['ignore', 'ignore', 'ignore'] });
  const agent = new Agent({ keepAlive: true });
  const ask = (path: string) =>
    new Promise<string | undefined>((resolve) => {
      const request = get({ port, host: '127.0.0.1', path, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text)).on('error', () => resolve(undefined));
      });
      request.on('error', () => resolve(undefined));
    });
  while ((await ask('/-/healthy')) === undefined) await sleep(20);

  const cases = casesOf(load, round);
  const runs: MeasuredRun[] = [];
  const underWay: Promise<void>[] = [];
  const beganMs = performance.now();
  const total = Math.ceil((load.warmUpSeconds + load.seconds) * load.perSecond);
  for (let index = 0; index < total; ) {
    const dueCount = Math.min(total, Math.floor(((performance.now() - beganMs) / 1000) * load.perSecond) + 1);
    for (; index < dueCount; index++) {
      const delays = cases[index % cases.length];
      if (!delays) throw new RangeError('a load without cases');
      const name = String(index);
      const url = `${target.urlOf(delays, load.overTls)}?n=${name}`;
      const asked = ask(`/probe?module=http&target=${encodeURIComponent(url)}`);
      underWay.push(asked.then((text) => void runs.push(...runOf(name, text ?? ''))));
    }
    await sleep(1);
  }
  await Promise.all(underWay);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  agent.destroy();
  return runs;
}
