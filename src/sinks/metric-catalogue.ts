interface MetricEntry {
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Without the labels that the configuration gives a check: those join every metric that carries `check`. */
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

/**
 * Every metric of sonde's own, in the order of exposition. Names and help texts of `probe_*` are
 * blackbox_exporter's, so that its dashboards and alert rules go on working. `docs/metrics.md` is held against this table.
 */
export const metricCatalogue = {
  probe_success: {
    type: 'gauge',
    labels: ['check'],
    help: 'Displays whether or not the probe was a success',
  },
  probe_duration_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'Returns how long the probe took to complete in seconds, without the wait for our own budget',
  },
  probe_dns_lookup_time_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'Returns the time taken for probe dns lookup in seconds',
  },
  probe_ip_protocol: {
    type: 'gauge',
    labels: ['check'],
    help: 'Specifies whether probe ip protocol is IP4 or IP6',
  },
  probe_http_duration_seconds: {
    type: 'gauge',
    labels: ['check', 'phase'],
    help: 'Duration of http request by phase, summed over all redirects',
  },
  probe_http_status_code: {
    type: 'gauge',
    labels: ['check'],
    help: 'Response HTTP status code',
  },
  probe_http_version: {
    type: 'gauge',
    labels: ['check'],
    help: 'Returns the version of HTTP of the probe response',
  },
  probe_http_redirects: {
    type: 'gauge',
    labels: ['check'],
    help: 'The number of redirects',
  },
  probe_http_ssl: {
    type: 'gauge',
    labels: ['check'],
    help: 'Indicates if SSL was used for the final redirect',
  },
  probe_http_content_length: {
    type: 'gauge',
    labels: ['check'],
    help: 'Length of http content response, -1 when the response does not tell',
  },
  probe_ssl_earliest_cert_expiry: {
    type: 'gauge',
    labels: ['check'],
    help: 'Returns earliest SSL cert expiry in unixtime',
  },
  probe_tls_version_info: {
    type: 'gauge',
    labels: ['check', 'version'],
    help: 'Contains the TLS version used',
  },
  probe_ntp_offset_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'How far this host is ahead of the time server; negative when it is behind.',
  },
  probe_ntp_uncertainty_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'The true offset lies within the offset plus or minus this, if the server is honest.',
  },
  probe_ntp_delay_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'The way to the time server and back together.',
  },
  probe_ntp_root_distance_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'How far the time server may be from true time by what it says itself.',
  },
  probe_ntp_stratum: {
    type: 'gauge',
    labels: ['check'],
    help: 'How many servers away from a reference clock the time server is, itself counted.',
  },
  probe_ntp_leap: {
    type: 'gauge',
    labels: ['check'],
    help: 'Leap second that the time server announces: 0 none, 1 one is added, 2 one is left out.',
  },
  sonde_check_info: {
    type: 'gauge',
    labels: ['check', 'kind', 'target'],
    help: 'A configured check; always 1.',
  },
  sonde_check_state: {
    type: 'gauge',
    labels: ['check', 'cause', 'blame'],
    help: 'State of the check after confirmation: 1 passing, 0 failing, or not asked, with the cause; absent before its first run.',
  },
  sonde_consecutive_failures: {
    type: 'gauge',
    labels: ['check'],
    help: 'Failed and errored runs in a row.',
  },
  sonde_check_interval_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'Time between two due runs; for cron the shortest one ahead.',
  },
  sonde_last_run_timestamp_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'When the last run that asked its target started; skipped runs do not count.',
  },
  sonde_runs_total: {
    type: 'counter',
    labels: ['check', 'outcome'],
    help: 'Finished runs by outcome: passed, failed, errored or skipped.',
  },
  sonde_failures_total: {
    type: 'counter',
    labels: ['check', 'cause', 'blame'],
    help: 'Failed and errored runs by cause, and by who has to act.',
  },
  sonde_skips_total: {
    type: 'counter',
    labels: ['check', 'cause'],
    help: 'Runs that never asked their target, by cause.',
  },
  sonde_latency_seconds: {
    type: 'histogram',
    labels: ['check'],
    help: 'Duration of runs that got an answer, without the wait for our own budget.',
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  sonde_uncertain_latencies_total: {
    type: 'counter',
    labels: ['check'],
    help: 'Runs that got an answer, and are not in sonde_latency_seconds since their latency is uncertain.',
  },
  sonde_measurement_uncertainty_seconds: {
    type: 'gauge',
    labels: ['check'],
    help: 'How much of the last probe_duration_seconds may be the delay of this process instead of the target.',
  },
  sonde_schedule_lateness_seconds: {
    type: 'histogram',
    labels: [],
    help: 'How late runs started against their due time: the load of this process and its host.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
  },
  sonde_budget_wait_seconds: {
    type: 'histogram',
    labels: ['budget'],
    help: 'How long requests waited for their permit.',
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30],
  },
  sonde_budget_permits_total: {
    type: 'counter',
    labels: ['budget'],
    help: 'Permits granted.',
  },
  sonde_budget_tokens: {
    type: 'gauge',
    labels: ['budget'],
    help: 'Permits that could be had now.',
  },
  sonde_token_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: ['token'],
    help: 'When the held access token expires; absent when none is held or it does not expire.',
  },
  sonde_token_refreshes_total: {
    type: 'counter',
    labels: ['token', 'outcome', 'cause'],
    help: 'Runs of a token source by outcome and cause; the cause of a passed run is empty.',
  },
  sonde_token_refresh_duration_seconds: {
    type: 'gauge',
    labels: ['token'],
    help: 'Duration of the last run of the token source, without the wait for its budget.',
  },
  sonde_secret_available: {
    type: 'gauge',
    labels: ['reference'],
    help: 'Whether a secret of a file or of Vault can be had now; at 0 the last good value is used, if there ever was one.',
  },
  sonde_secret_failures_total: {
    type: 'counter',
    labels: ['reference', 'reason'],
    help: 'Tries to read a secret of a file or of Vault that failed, by reason.',
  },
  sonde_clock_offset_seconds: {
    type: 'gauge',
    labels: ['source'],
    help: 'How far this host is ahead of one other clock, a time server or an origin; negative when it is behind.',
  },
  sonde_clock_skew_seconds: {
    type: 'gauge',
    labels: [],
    help: 'How far this host is ahead of true time, by a majority of clocks; negative when behind, absent when unknown.',
  },
  sonde_clock_uncertainty_seconds: {
    type: 'gauge',
    labels: [],
    help: 'True skew lies within sonde_clock_skew_seconds plus or minus this; absent when unknown.',
  },
  sonde_clock_tolerance_seconds: {
    type: 'gauge',
    labels: [],
    help: 'How far this host may be from true time, as configured.',
  },
  sonde_clock_sources: {
    type: 'gauge',
    labels: ['state'],
    help: 'Other clocks by how they stand: used, outvoted, undecided, silent, refused or waiting.',
  },
  sonde_config_last_reload_successful: {
    type: 'gauge',
    labels: [],
    help: 'Whether the last reload of the configuration succeeded.',
  },
  sonde_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the configuration that now runs was loaded.',
  },
  sonde_build_info: {
    type: 'gauge',
    labels: ['version', 'node_version'],
    help: 'The version of sonde and of Node.js under it; always 1.',
  },
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof metricCatalogue;

/** Names of the metrics of one kind of thing, by the label that names the thing. */
export type MetricNameOf<Label extends string> = {
  [Name in MetricName]: Label extends (typeof metricCatalogue)[Name]['labels'][number] ? Name : never;
}[MetricName];

/** Names of the metrics that begin so. */
export type MetricNameFrom<Start extends string> = Extract<MetricName, `${Start}${string}`>;
