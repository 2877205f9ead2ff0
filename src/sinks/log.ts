import { type Level, type Logger, pino } from 'pino';
import type { LogDestination } from './log-destination.ts';
import { createTerminalFormat } from './terminal-format.ts';

/** What a line tells beside its message: plain data by name. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line for each event. Nothing it does can stop the process. */
export interface Log {
  /** Whether lines of the level are written: where they are not, nobody has to put them together. */
  isOn(level: Level): boolean;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** The log level of that name; undefined when there is none. */
export function parseLogLevel(text: string): LogLevel | undefined {
  return logLevels.find((level) => level === text);
}

export interface LogOptions {
  /** Lines below it are not written. */
  readonly level: LogLevel;
  /** `json`: one object a line. `terminal`: a line for a person. */
  readonly format: 'json' | 'terminal';
  /** Whether lines for a person are coloured. */
  readonly colour?: boolean;
  readonly destination: LogDestination;
  /** Milliseconds since 1970. */
  wallMs(): number;
}

/**
 * Names under which a credential may travel. What reaches the log is masked already, and a `Secret` cannot be printed:
 * this is the second fence.
 */
const credentialNames = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'client_assertion',
  'password',
];
const redactedPaths = credentialNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/** A log that writes JSON lines, or lines for a person, to one destination. */
export function createLog({ level, format, colour = false, destination, wallMs }: LogOptions): Log {
  const forPerson = createTerminalFormat(colour);
  const logger: Logger = pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(wallMs()).toISOString()}"`,
      redact: { paths: redactedPaths, censor: '[secret]' },
    },
    format === 'json' ? destination : { write: (line) => destination.write(forPerson(JSON.parse(line))) },
  );
  const writer = (at: Level) => (fields: LogFields, message: string) => logger[at](fields, message);
  return {
    isOn: (at) => logger.isLevelEnabled(at),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}
