/** One line of exposition, as prom-client's `getMetricsAsJSON` tells it. */
interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  /** The name with `_bucket`, `_sum` or `_count`, for histograms. */
  readonly metricName?: string;
}

/** A metric with all its series. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram` or `summary`. */
  readonly type: string;
  readonly values: readonly Sample[];
}

/** What a scrape gets. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** The loop gets a turn after so many lines: a scrape of thousands of series must not delay a probe. */
const linesPerTurn = 2_000;

/**
 * Writes metrics in the Prometheus text format 0.0.4 or in OpenMetrics 1.0. prom-client's own writer renames counters
 * in place for OpenMetrics, so one registry could not serve both. `checkLabels` gives the finished label pairs that
 * stand in for the label `check`: the name of the check, and the labels that the configuration gives it. `everywhere` is a
 * finished label pair that each series has.
 */
export async function writeExposition(
  families: readonly MetricFamily[],
  openMetrics: boolean,
  checkLabels: (check: string) => string,
  everywhere = '',
): Promise<Exposition> {
  const parts: string[] = [];
  let lines = 0;
  for (const family of families) {
    parts.push(header(family, openMetrics));
    for (const { metricName = family.name, labels, value } of family.values) {
      const pairs = labelPairs(labels, checkLabels, everywhere);
      parts.push(`${metricName}${pairs === '' ? '' : `{${pairs}}`} ${numberText(value)}\n`);
      lines += 1;
      if (lines % linesPerTurn === 0) await new Promise(setImmediate);
    }
  }
  return openMetrics
    ? { contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8', body: `${parts.join('')}# EOF\n` }
    : { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: parts.join('') };
}

function header({ name, help, type }: MetricFamily, openMetrics: boolean): string {
  const family = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${family} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${family} ${type}\n`;
}

function labelPairs(labels: Sample['labels'], checkLabels: (check: string) => string, everywhere: string): string {
  let pairs = everywhere;
  for (const name in labels) {
    const value = labels[name];
    if (pairs !== '') pairs += ',';
    if (name === 'check') pairs += checkLabels(String(value));
    else pairs += labelPair(name, name === 'le' ? boundText(value) : String(value));
  }
  return pairs;
}

/** `name="value"` with the value escaped. */
export function labelPair(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}

/**
 * The bound of a bucket. OpenMetrics demands a fraction (`1.0`); the text format leaves it open, and a series must not
 * change its name with the format.
 */
function boundText(bound: string | number | undefined): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
