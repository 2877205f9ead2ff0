import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestAuthority } from '../../support/certificates.ts';
import { cores, spawnOn } from '../cores.ts';
import { freePort } from '../measured-daemon.ts';
import { type CostCase, largeBody, smallBody } from './cases.ts';

/** nginx as those see it that ask it. */
export interface Nginx {
  readonly authorityFile: string;
  urlOf(cost: CostCase): string;
  /** How many requests it has answered so far, those of this function included. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

interface Ports {
  readonly http: number;
  readonly tls: number;
  readonly status: number;
}

/** Sessions are resumed by nobody who does not ask for it: nothing is turned off here. */
const configurationOf = (folder: string, { http, tls, status }: Ports) => `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.err error;
events { worker_connections 4096; }
http {
  access_log off;
  types { application/json json; }
  keepalive_requests 1000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${http} backlog=4096;
    listen 127.0.0.1:${tls} ssl backlog=4096;
    ssl_certificate ${folder}/leaf.pem;
    ssl_certificate_key ${folder}/leaf.key;
    root ${folder}/pages;
  }
  server {
    listen 127.0.0.1:${status};
    location / { stub_status; }
  }
}
`;

/** Starts nginx on the core of the counterparts; `folder` is for its files. Throws when it does not answer. */
export async function startNginx(folder: string): Promise<Nginx> {
  const authority = await createTestAuthority();
  const leaf = await authority.issue();
  const ports = { http: await freePort(), tls: await freePort(), status: await freePort() };
  const authorityFile = join(folder, 'authority.pem');
  await mkdir(join(folder, 'pages'));
  const files = {
    'authority.pem': authority.certificate,
    'leaf.pem': leaf.certificate,
    'leaf.key': leaf.key,
    'pages/small.json': smallBody,
    'pages/large.json': largeBody,
    'nginx.conf': configurationOf(folder, ports),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  // Its worker is another user where the bench runs as root.
  await chmod(folder, 0o755);
  const child = spawnOn(
    cores.counterpart,
    'nginx',
    ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'nginx.err')],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    },
  );
  const ended = once(child, 'exit');
  const status = async () => (await fetch(`http://127.0.0.1:${ports.status}/`)).text();
  while (!(await status().catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    await sleep(20);
  }
  return {
    authorityFile,
    urlOf: ({ isTls, path }) =>
      isTls ? `https://127.0.0.1:${ports.tls}${path}` : `http://127.0.0.1:${ports.http}${path}`,
    async requests() {
      return Number(/^ \d+ \d+ (\d+)/m.exec(await status())?.[1]);
    },
    async stop() {
      child.kill('SIGQUIT');
      await ended;
    },
  };
}
