import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Daemon, type DaemonOptions, startDaemon } from '../../src/daemon.ts';
import type { Log, LogFields } from '../../src/sinks/log.ts';
import { createSystem, type System } from '../../src/system/system.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface LogLine {
  readonly level: string;
  readonly fields: LogFields;
  readonly message: string;
}

/** A log in memory, on whose lines a test can wait. */
interface MemoryLog extends Log {
  readonly lines: readonly LogLine[];
  /** Resolves with the first line that fits, of those there are or those to come. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
}

function createMemoryLog(): MemoryLog {
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  const writer = (level: string) => (fields: LogFields, message: string) => {
    const line = { level, fields, message };
    lines.push(line);
    for (const look of waiting) look(line);
  };
  return {
    lines,
    line: (fits) =>
      new Promise((resolve) => {
        const known = lines.find(fits);
        if (known) return resolve(known);
        const look = (line: LogLine) => {
          if (!fits(line)) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
      }),
    isOn: () => true,
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}

export interface WebAnswer {
  readonly status: number;
  readonly body: string;
}

export interface RunningDaemon extends Daemon {
  readonly log: MemoryLog;
  /** The configuration's file. */
  readonly file: string;
  readonly stateDir: string;
  /** Asks the daemon's web address. */
  get(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<WebAnswer>;
  /** The lines of `/metrics` that begin so. */
  metrics(prefix: string): Promise<string[]>;
  /** Writes the configuration anew. */
  rewrite(yaml: string): Promise<void>;
}

interface DaemonSetUp extends Partial<DaemonOptions> {
  readonly system?: System;
  /** The folder for configuration and state; a new one without it. */
  readonly folder?: string;
}

/** Starts the real daemon in this process on a free port; it is stopped after the test. */
export async function runDaemon(
  yaml: string,
  { system = createSystem(), folder, ...options }: DaemonSetUp = {},
): Promise<RunningDaemon> {
  const home = folder ?? (await temporaryFolder());
  const file = join(home, 'sonde.yaml');
  const stateDir = join(home, 'state');
  await mkdir(home, { recursive: true });
  await writeFile(file, yaml);
  const log = createMemoryLog();
  const daemon = await startDaemon(
    system,
    { paths: [file], stateDir, listen: { host: '127.0.0.1', port: 0 }, ...options },
    log,
  );
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= daemon.stop();
    return stopped;
  };
  onTestFinished(stop);
  const { port } = daemon.address;
  const get = (path: string, headers = {}, method = 'GET') => ask({ host: '127.0.0.1', port, path, headers, method });
  return {
    ...daemon,
    stop,
    log,
    file,
    stateDir,
    get,
    metrics: async (prefix) => (await get('/metrics')).body.split('\n').filter((line) => line.startsWith(prefix)),
    rewrite: (text) => writeFile(file, text),
  };
}

/** One request by node:http; `socketPath` asks a Unix socket. */
export function ask(options: {
  host?: string;
  port?: number;
  socketPath?: string;
  path: string;
  headers?: object;
  method?: string;
}): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, headers: { ...options.headers }, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}
