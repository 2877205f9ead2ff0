/** One line of exposition. */
interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const valuePattern = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/i;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Reads an exposition by the letter of the Prometheus text format 0.0.4, or of OpenMetrics 1.0, and throws at the first
 * thing that is not allowed: a series that comes twice, a sample outside its family, a wrong escape, a missing end.
 */
export function parseExposition(text: string, format: 'text' | 'openmetrics' = 'text'): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF at the end');
  const families = new Map<string, ParsedFamily & { readonly samples: ParsedSample[] }>();
  const series = new Set<string>();
  let current: (ParsedFamily & { readonly samples: ParsedSample[] }) | undefined;
  let help: RegExpExecArray | undefined;
  for (const line of lines) {
    const helpLine = /^# HELP ([a-zA-Z_:][\w:]*) (\S.*)$/.exec(line);
    const typeLine = /^# TYPE ([a-zA-Z_:][\w:]*) (gauge|counter|histogram)$/.exec(line);
    if (helpLine) help = helpLine;
    else if (typeLine) {
      const [, name = '', type = ''] = typeLine;
      if (help?.[1] !== name) throw new Error(`no help before ${line}`);
      if (families.has(name)) throw new Error(`${name} comes twice`);
      current = { name, type, help: help[2] as string, samples: [] };
      families.set(name, current);
    } else {
      const sample = parseSample(line);
      if (!current || !sampleNames(current, format).includes(sample.name))
        throw new Error(`outside its family: ${line}`);
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (series.has(key)) throw new Error(`a series comes twice: ${line}`);
      series.add(key);
      current.samples.push(sample);
    }
  }
  return families;
}

function sampleNames({ name, type }: ParsedFamily, format: 'text' | 'openmetrics'): string[] {
  if (type === 'counter') return [format === 'openmetrics' ? `${name}_total` : name];
  return (suffixes[type] ?? []).map((suffix) => name + suffix);
}

function parseSample(line: string): ParsedSample {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s.exec(line);
  if (!match) throw new Error(`no sample: ${line}`);
  const [, name = '', labelText = '', valueText = ''] = match;
  if (!valuePattern.test(valueText)) throw new Error(`no value: ${line}`);
  const labels: Record<string, string> = {};
  let rest = labelText;
  while (rest !== '') {
    const pair = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,(?=.)|$)/.exec(rest);
    if (!pair) throw new Error(`no labels: ${line}`);
    const [whole, label = '', value = ''] = pair;
    if (label in labels) throw new Error(`label ${label} comes twice: ${line}`);
    labels[label] = value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(valueText.replace('Inf', 'Infinity')) };
}

/** The value of a series whose labels are these and no others; undefined when there is none. */
export function seriesValue(
  families: ReadonlyMap<string, ParsedFamily>,
  family: string,
  labels: Readonly<Record<string, string>> = {},
  sampleName = family,
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return families
    .get(family)
    ?.samples.find(
      (sample) => sample.name === sampleName && JSON.stringify(Object.entries(sample.labels).sort()) === wanted,
    )?.value;
}
