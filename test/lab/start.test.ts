import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { root } from './daemon.ts';
import { rawGet } from './raw-request.ts';

// A guard, not a measure: the lab itself waits up to 5 s for a check to be due.
vi.setConfig({ testTimeout: 60_000 });

/** `npm start` without npm. */
interface Lab {
  readonly said: readonly string[];
  /** Waits for a line that matches, among those said since the last wait. */
  line(pattern: RegExp): Promise<string>;
  interrupt(): void;
  /** The exit code, once all output is read. */
  readonly ended: Promise<number | null>;
}

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGTERM');
});

function startLab(args: readonly string[], ports = '0,0,0'): Lab {
  const child = spawn(process.execPath, ['test/lab/start.ts', ...args], {
    cwd: root,
    env: { ...process.env, LAB_PORTS: ports },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said: string[] = [];
  let read = 0;
  let wake = () => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    wake();
  });
  const ended = once(child, 'close').then(() => {
    wake();
    return child.exitCode;
  });
  return {
    said,
    ended,
    interrupt: () => void child.kill('SIGINT'),
    async line(pattern) {
      for (;;) {
        while (read < said.length) {
          const line = said[read++];
          if (line !== undefined && pattern.test(line)) return line;
        }
        if (child.exitCode !== null)
          throw new Error(`the lab ended without a line like ${pattern}:\n${said.join('\n')}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const originIn = (line: string) => line.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0] ?? '';

describe('npm start', () => {
  it('shows a fault being diagnosed and healed, and ends without a trace at Ctrl-C', async () => {
    const lab = startLab(['--listen', '127.0.0.1:0']);
    const issuer = originIn(await lab.line(/An OAuth issuer runs at/));
    const control = originIn(await lab.line(/Break it/));
    const sonde = originIn(await lab.line(/sonde \S+ runs \d+ checks/));
    expect(await (await fetch(`${sonde}/`)).text()).toContain('models');
    await lab.line(/models passed/);
    await fetch(`${control}/faults/api/status-500`, { method: 'POST' });
    await lab.line(/models upstream_5xx/);
    await fetch(`${control}/faults`, { method: 'DELETE' });
    await lab.line(/models recovered/);

    lab.interrupt();
    expect(await lab.ended).toBe(0);
    for (const origin of [issuer, control, sonde]) expect((await rawGet(origin)).end).toBe('ECONNREFUSED');
  });

  it('says in one sentence that a port is taken, and exits 3', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const lab = startLab(['--listen', '127.0.0.1:0'], `0,${port},0`);
    expect(await lab.ended).toBe(3);
    expect(lab.said).toEqual([expect.stringContaining(`Port ${port} of 127.0.0.1 is taken`)]);
    squatter.close();
  });

  it('says in one sentence what LAB_PORTS has to be', async () => {
    const lab = startLab([], '7664,many');
    expect(await lab.ended).toBe(3);
    expect(lab.said).toEqual([expect.stringContaining('LAB_PORTS has to be three ports')]);
  });

  it('ends too when sonde does not start, and says so', async () => {
    const lab = startLab(['--listen', 'nowhere']);
    expect(await lab.ended).toBe(3);
    expect(lab.said.at(-1)).toContain('sonde has ended by itself');
  });
});
