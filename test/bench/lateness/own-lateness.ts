/** What sonde says of its own lateness so far, and of its runs and reloads. */
export interface OwnWords {
  /** By the upper bounds of the buckets in milliseconds: how many runs were later than none of them. */
  readonly upTo: ReadonlyMap<number, number>;
  readonly skipped: number;
  /** Seconds since 1970 of the last reload that went well. */
  readonly reloadedAt: number;
}

export function ownWords(metrics: string): OwnWords {
  const buckets = metrics.matchAll(/^sonde_schedule_lateness_seconds_bucket\{le="([^"]+)"\} (\S+)/gm);
  const skipped = metrics.matchAll(/^sonde_runs_total\{.*outcome="skipped".*\} (\S+)/gm);
  return {
    upTo: new Map(
      [...buckets].map(([, bound, count]) => [Number(bound?.replace('+Inf', 'Infinity')) * 1000, Number(count)]),
    ),
    skipped: [...skipped].reduce((sum, [, count]) => sum + Number(count), 0),
    reloadedAt: Number(/^sonde_config_last_reload_success_timestamp_seconds (\S+)/m.exec(metrics)?.[1]),
  };
}

/** The lateness that this share of the runs between two looks did not exceed: the upper bound of its bucket, in milliseconds. */
export function boundMs(before: OwnWords, now: OwnWords, share: number): number {
  const counts = [...now.upTo].map(([bound, count]) => [bound, count - (before.upTo.get(bound) ?? 0)] as const);
  const wanted = share * Math.max(...counts.map(([, count]) => count));
  return counts.find(([, count]) => count >= wanted)?.[0] ?? Number.NaN;
}
