import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cores, spawnOn } from '../cores.ts';
import { freePort } from '../measured-daemon.ts';
import type { CostCase } from './cases.ts';
import type { Nginx } from './nginx.ts';
import { cpuOfOneUs, probesPerSecond } from './window.ts';

const configurationOf = ({ patterns = [] }: CostCase, nginx: Nginx) => `modules:
  http:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      fail_if_body_not_matches_regexp: [${patterns.map((pattern) => `'${pattern}'`).join(', ')}]
      tls_config:
        ca_file: ${nginx.authorityFile}
`;

/** Asks over kept connections, as Prometheus does. */
function createAsker(port: number, path: string) {
  const agent = new Agent({ keepAlive: true });
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const request = get({ port, host: '127.0.0.1', path, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text)).on('error', reject);
      });
      request.on('error', reject);
    });
  return { ask, close: () => agent.destroy() };
}

/** Asks at an even pace until it is stopped, which returns the first answer that was no success. */
function startAsking(ask: () => Promise<string>) {
  const everyMs = 1000 / probesPerSecond;
  let isOver = false;
  let trouble: string | undefined;
  const note = (text: string) => {
    if (!/^probe_success 1$/m.test(text)) trouble ??= text;
  };
  const loop = async () => {
    const underWay: Promise<void>[] = [];
    for (let dueMs = performance.now(); !isOver; ) {
      for (; dueMs <= performance.now(); dueMs += everyMs) underWay.push(ask().then(note, (error) => note(`${error}`)));
      await sleep(1);
    }
    await Promise.all(underWay);
    return trouble;
  };
  const ended = loop();
  return () => {
    isOver = true;
    return ended;
  };
}

/** Microseconds of CPU of one `/probe`, whole. Throws if any did not succeed. */
export async function blackboxCostUs(cost: CostCase, nginx: Nginx, folder: string): Promise<number> {
  const file = join(folder, 'blackbox.yml');
  await writeFile(file, configurationOf(cost, nginx));
  const port = await freePort();
  const options = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'];
  const child = spawnOn(cores.measured, 'prometheus-blackbox-exporter', options, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const { ask, close } = createAsker(port, `/probe?module=http&target=${encodeURIComponent(nginx.urlOf(cost))}`);
  while (!(await ask().catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`blackbox_exporter ended with ${child.exitCode}`);
    await sleep(20);
  }
  const stopAsking = startAsking(ask);
  const measured = await cpuOfOneUs(child.pid ?? 0, nginx, async () => {}).catch((error: Error) => error);
  const trouble = await stopAsking();
  close();
  child.kill('SIGTERM');
  await ended;
  if (measured instanceof Error) throw measured;
  if (trouble !== undefined) throw new Error(`a probe did not succeed: ${trouble.slice(0, 200)}`);
  return measured;
}
