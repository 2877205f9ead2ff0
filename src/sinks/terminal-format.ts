import { styleText } from 'node:util';
import { printable } from '../model/printable.ts';

/** One event, as the log writes it in JSON. */
export interface LogRecord {
  readonly level: string;
  /** ISO 8601. */
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

type Style = Parameters<typeof styleText>[0];

const outcomeTags: Readonly<Record<string, readonly [string, Style]>> = {
  passed: ['PASS', 'green'],
  failed: ['FAIL', 'red'],
  errored: ['ERROR', 'red'],
  skipped: ['SKIP', 'yellow'],
};
const levelTags: Readonly<Record<string, readonly [string, Style]>> = {
  debug: ['debug', 'dim'],
  info: ['info', 'cyan'],
  warn: ['WARN', 'yellow'],
  error: ['ERROR', 'red'],
};
const widestTag = 5;

/** Makes a line for a person out of a record: `12:00:01 FAIL  models upstream_5xx: the target answered 503 (200 ms)`. */
export function createTerminalFormat(colour: boolean): (record: LogRecord) => string {
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  return ({ level, time, msg, ...fields }) => {
    const isRun = fields.run !== undefined;
    const [tag, style] = (isRun && outcomeTags[String(fields.outcome)]) || levelTags[level] || [level, 'reset'];
    const details = Object.entries(toldBeside(fields)).map(([name, value]) => ` ${name}=${fieldText(value)}`);
    const clock = new Date(time).toTimeString().slice(0, 8);
    const words = [paint('dim', clock), paint(style, tag.padEnd(widestTag)), printable(msg)];
    return `${words.join(' ')}${paint('dim', printable(details.join('')))}\n`;
  };
}

/** The fields that the message does not say: of a run, where to look it up; of an audit line, why something failed. */
function toldBeside({ run, audit, detail, ...others }: Readonly<Record<string, unknown>>) {
  if (run !== undefined) return { run };
  return { ...(audit === undefined && others), ...(detail !== undefined && { detail }) };
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value);
}
