import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cores, spawnOn } from './cores.ts';

/** Where Debian has daemons, which is not on everybody's path. */
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

const runs = (command: string) => spawnSync(command, ['--version'], { env: environment }).status === 0;

/** What is missing to measure against chrony, as a clause; undefined when all is there. */
export function missingForChrony(): string | undefined {
  const missing = ['chronyd', 'faketime'].filter((command) => !runs(command));
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;
}

/** Runs chronyd, which leaves this host's clock alone, beside `use`; its clock is wrong by so many seconds. */
async function withChronyd<T>(
  settings: readonly string[],
  wrongBySeconds: number,
  use: (folder: string) => Promise<T>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-chrony-'));
  const file = join(folder, 'chrony.conf');
  await writeFile(file, [...settings, 'cmdport 0', `pidfile ${folder}/pid`, `logdir ${folder}`, ''].join('\n'));
  const command = ['chronyd', '-x', '-d', '-U', '-u', userInfo().username, '-f', file];
  const sign = wrongBySeconds < 0 ? '-' : '+';
  const wrong = ['faketime', '-f', `${sign}${Math.abs(wrongBySeconds)}`, ...command];
  const [program = '', ...args] = wrongBySeconds === 0 ? command : wrong;
  // The monotonic clock is left alone, or it would not wait for as long as it ought.
  const env = { ...environment, DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const child = spawnOn(cores.counterpart, program, args, { stdio: 'ignore', env });
  const ended = once(child, 'exit');
  try {
    return await use(folder);
  } finally {
    // faketime starts chronyd as its child, and ends after it.
    const pid = await readFile(join(folder, 'pid'), 'utf8').catch(() => child.pid);
    if (child.exitCode === null) process.kill(Number(pid), 'SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Asks as a client of version 4 until there is an answer. */
async function untilItAnswers(port: number): Promise<void> {
  const socket = createSocket('udp4');
  let answered = false;
  socket.once('message', () => {
    answered = true;
  });
  // It does not listen yet.
  socket.on('error', () => {});
  for (let turn = 0; turn < 100 && !answered; turn++) {
    socket.send(Buffer.concat([Buffer.of(0x23), Buffer.alloc(47)]), port, '127.0.0.1');
    await sleep(50);
  }
  socket.close();
  if (!answered) throw new Error('chronyd does not answer');
}

/** Runs a server that believes its own clock. */
export async function withChrony<T>(wrongBySeconds: number, use: (port: number) => Promise<T>): Promise<T> {
  const port = await freePort();
  const settings = [`port ${port}`, 'bindaddress 127.0.0.1', 'allow 127.0.0.0/8', 'local stratum 8'];
  return withChronyd(settings, wrongBySeconds, async () => {
    await untilItAnswers(port);
    return use(port);
  });
}

const offsetColumn = 11;

/** What chrony itself measures of that server as its client, for so long: each offset in milliseconds. */
export function chronysOwnOffsetsMs(port: number, forMs: number): Promise<readonly number[]> {
  const settings = [`server 127.0.0.1 port ${port} minpoll -5 maxpoll -5`, 'port 0', 'log rawmeasurements'];
  return withChronyd(settings, 0, async (folder) => {
    await sleep(forMs);
    const log = await readFile(join(folder, 'measurements.log'), 'utf8');
    return log
      .split('\n')
      .filter((line) => /^\d/.test(line.trim()))
      .map((line) => Number(line.trim().split(/\s+/)[offsetColumn]) * 1000);
  });
}
