import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { cores, spawnOn } from '../cores.ts';

/** One packet of TCP over IPv4, as the kernel stamped it. */
export interface Packet {
  /** Milliseconds since the first packet of the capture, to the microsecond. */
  readonly atMs: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly isSyn: boolean;
  /** Of what TCP carries. */
  readonly bytes: number;
}

/** Packets that are being written to a file. */
export interface Capture {
  /** Ends it: all its packets, in their order. Throws when the kernel had to drop some. */
  stop(): Promise<readonly Packet[]>;
}

/** Enough for the headers. */
const keptBytes = 96;

/** Captures on the loopback what goes to and from these ports. Throws where that is not possible. */
export async function capture(ports: readonly number[], file: string): Promise<Capture> {
  const filter = ports.map((port) => `tcp port ${port}`).join(' or ');
  // In small pieces of kernel memory: the capture itself must not be held up.
  const options = ['-q', '-i', 'lo', '-f', filter, '-P', '-s', String(keptBytes), '-B', '64', '-w', file];
  const child = spawnOn(cores.counterpart, 'dumpcap', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = await saidUntil(child, /File: /);
  if (said === undefined) throw new Error('packets cannot be captured here: dumpcap ended');
  let rest = '';
  child.stderr?.on('data', (chunk) => {
    rest += String(chunk);
  });
  return {
    async stop() {
      child.kill('SIGINT');
      await once(child, 'close');
      const dropped = /received\/dropped on interface .*: \d+\/(\d+)/.exec(rest)?.[1];
      if (dropped !== '0') throw new Error(`the capture is not whole: ${rest.trim()}`);
      return packetsOf(await readFile(file));
    },
  };
}

/** What a process writes to stderr until it matches; undefined when it ends before. */
async function saidUntil(child: ChildProcess, pattern: RegExp): Promise<string | undefined> {
  let said = '';
  return new Promise((resolve) => {
    const hear = (chunk: unknown) => {
      said += String(chunk);
      if (!pattern.test(said)) return;
      child.stderr?.off('data', hear);
      resolve(said);
    };
    child.stderr?.on('data', hear);
    child.once('error', () => resolve(undefined));
    child.once('close', () => resolve(undefined));
  });
}

/** Whether a program is installed. */
export async function isInstalled(program: string): Promise<boolean> {
  const child = spawn(program, ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

const ethernetBytes = 14;

/** Reads a file in the classic pcap format, little-endian, microseconds, Ethernet. */
function packetsOf(file: Buffer): Packet[] {
  const packets: Packet[] = [];
  let firstSecond: number | undefined;
  for (let at = 24; at + 16 <= file.length; ) {
    const second = file.readUInt32LE(at);
    firstSecond ??= second;
    const atMs = (second - firstSecond) * 1000 + file.readUInt32LE(at + 4) / 1000;
    const keptLength = file.readUInt32LE(at + 8);
    const ip = at + 16 + ethernetBytes;
    const tcp = ip + (file.readUInt8(ip) & 0x0f) * 4;
    const headerBytes = tcp - ip + (file.readUInt8(tcp + 12) >> 4) * 4;
    packets.push({
      atMs,
      fromPort: file.readUInt16BE(tcp),
      toPort: file.readUInt16BE(tcp + 2),
      isSyn: (file.readUInt8(tcp + 13) & 0x02) !== 0,
      bytes: file.readUInt16BE(ip + 2) - headerBytes,
    });
    at += 16 + keptLength;
  }
  return packets;
}
