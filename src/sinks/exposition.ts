import type { AddSeries, MetricFamily } from './metric-family.ts';

/** What a scrape gets. */
export interface Exposition {
  readonly contentType: string;
  /** The text piece by piece, to be taken from once. A series is read when its piece is taken, and not before. */
  readonly pieces: Iterable<string>;
}

/**
 * Metrics in the Prometheus text format 0.0.4 or in OpenMetrics 1.0. The text of thousands of checks is tens of megabytes
 * and a long time of one core, so it is written by pieces, each of which takes a moment. `everywhere` is a finished label
 * pair that each series has.
 */
export function exposition(families: readonly MetricFamily[], openMetrics: boolean, everywhere = ''): Exposition {
  return {
    contentType: openMetrics
      ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
      : 'text/plain; version=0.0.4; charset=utf-8',
    pieces: piecesOf(families, openMetrics, everywhere),
  };
}

function* piecesOf(families: readonly MetricFamily[], openMetrics: boolean, everywhere: string): Iterable<string> {
  for (const family of families) {
    yield header(family, openMetrics);
    let lines = '';
    const add: AddSeries = (pairs, value, suffix = '') => {
      const all = everywhere && pairs ? `${everywhere},${pairs}` : everywhere || pairs;
      lines += `${family.name}${suffix}${all && `{${all}}`} ${numberText(value)}\n`;
    };
    for (let index = 0; index < family.parts; index++) {
      lines = '';
      family.addPart(index, add);
      yield lines;
    }
  }
  if (openMetrics) yield '# EOF\n';
}

function header({ name, help, type }: MetricFamily, openMetrics: boolean): string {
  const family = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${family} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${family} ${type}\n`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
