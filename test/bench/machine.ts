import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** What the figures depend on besides sonde. */
export interface Machine {
  /** For example `2 × AMD EPYC`. */
  readonly processors: string;
  readonly memoryGiB: number;
  readonly system: string;
  /** By name of the program; `not installed` where it is missing. */
  readonly versions: Readonly<Record<string, string>>;
}

/** How each counterpart tells its version: most on standard error, some with an exit code that is not 0. */
const counterparts = {
  blackbox_exporter: ['prometheus-blackbox-exporter --version', /version (\S+)/],
  wrk: ['wrk -v', /wrk (\S+)/],
  nginx: ['nginx -v', /nginx\/(\S+)/],
  tshark: ['tshark --version', /TShark\D*([\d.]+)/],
  chronyd: ['chronyd --version', /version (\S+)/],
  faketime: ['faketime --version', /Version ([\d.]+)/i],
} satisfies Readonly<Record<string, readonly [command: string, pattern: RegExp]>>;

const notInstalled = 'not installed';

function versionOf(command: string, pattern: RegExp): string {
  // Server programs are often outside of the PATH of a user.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const text = execFileSync('sh', ['-c', `${command} 2>&1 || true`], { encoding: 'utf8', env });
  return pattern.exec(text)?.[1]?.replace(/\.$/, '') ?? notInstalled;
}

/** Why a counterpart cannot be measured; undefined when it can. */
export function whyMissing(name: keyof typeof counterparts): string | undefined {
  return versionOf(...counterparts[name]) === notInstalled ? `${name} is ${notInstalled}` : undefined;
}

export function describeMachine(): Machine {
  const counted = Object.entries(counterparts).map(([name, [command, pattern]]) => [name, versionOf(command, pattern)]);
  return {
    processors: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    versions: { node: process.version.slice(1), ...Object.fromEntries(counted) },
  };
}
