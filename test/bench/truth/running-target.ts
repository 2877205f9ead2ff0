import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestAuthority } from '../../support/certificates.ts';
import { cores, spawnOn } from '../cores.ts';
import { type Delays, delaysMs } from './cases.ts';
import type { SeenRequest, TargetMessage, TargetOrder } from './target.ts';

/** The target, as those see it that ask it. */
export interface RunningTarget {
  readonly httpPort: number;
  readonly tlsPorts: ReadonlySet<number>;
  /** A file with the authority that signed its certificate. */
  readonly authorityFile: string;
  urlOf(delays: Delays, overTls: boolean): string;
  /** The requests since the last call. */
  seen(): Promise<readonly SeenRequest[]>;
  stop(): void;
}

const program = fileURLToPath(new URL('./target.ts', import.meta.url));

/** Starts the target beside what is measured; `folder` is for its files. */
export async function startTarget(folder: string): Promise<RunningTarget> {
  const authority = await createTestAuthority();
  const authorityFile = join(folder, 'authority.pem');
  await writeFile(authorityFile, authority.certificate);
  const child = spawnOn(cores.counterpart, process.execPath, [program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ask = async (order: TargetOrder | 'seen'): Promise<TargetMessage> => {
    const answered = once(child, 'message');
    child.send(order);
    return (await answered)[0];
  };
  const ports = await ask({ ...(await authority.issue()), tlsDelaysMs: delaysMs });
  if (!('httpPort' in ports)) throw new Error('the target told no ports');
  return {
    httpPort: ports.httpPort,
    tlsPorts: new Set(Object.values(ports.tlsPorts)),
    authorityFile,
    urlOf({ tls, wait, transfer }, overTls) {
      const origin = overTls ? `https://127.0.0.1:${ports.tlsPorts[tls]}` : `http://127.0.0.1:${ports.httpPort}`;
      return `${origin}/wait/${wait}/transfer/${transfer}`;
    },
    async seen() {
      const told = await ask('seen');
      return 'seen' in told ? told.seen : [];
    },
    stop: () => child.disconnect(),
  };
}
