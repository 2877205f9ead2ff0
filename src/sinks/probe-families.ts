import type { Facts, NtpFacts, PhaseName, Phases, TlsFacts } from '../model/observation.ts';
import type { Result } from '../model/result.ts';
import type { CheckRow } from './check-row.ts';
import type { MetricNameFrom } from './metric-catalogue.ts';
import { type AddSeries, type FamilyTable, labelPair } from './metric-family.ts';

type AddReading = (row: CheckRow, add: AddSeries) => void;

/** blackbox_exporter's phases, and those of ours that add up to each. */
const blackboxPhases = Object.entries({
  resolve: ['resolve'],
  connect: ['connect'],
  tls: ['tls'],
  processing: ['request', 'wait'],
  transfer: ['transfer'],
} satisfies Record<string, readonly PhaseName[]>).map(([phase, ours]) => ({ pair: labelPair('phase', phase), ours }));

/**
 * What the last run of a check says to Prometheus, read from its result: nothing of a run before can stay behind, and a
 * fact that was not learned has no series.
 */
export const probeFamilies: FamilyTable<MetricNameFrom<'probe_'>, CheckRow> = {
  probe_success: ofRun(({ outcome }) => (outcome.kind === 'passed' ? 1 : 0)),
  probe_duration_seconds: ofRun(({ durationMs }) => secondsOf(durationMs)),
  probe_dns_lookup_time_seconds: ofRun(({ phases: { resolve } }) =>
    resolve === undefined ? undefined : secondsOf(resolve),
  ),
  probe_ip_protocol: ofRun(({ facts }) => facts.ipVersion),
  probe_http_duration_seconds({ labelPairs, asked }, add) {
    if (asked?.facts.overTls === undefined) return;
    for (const { pair, ours } of blackboxPhases) {
      const ms = sumOfReached(asked.phases, ours);
      if (ms !== undefined) add(`${labelPairs},${pair}`, secondsOf(ms));
    }
  },
  probe_http_status_code: ofAnswer(({ status }) => status),
  probe_http_version: ofRun(({ facts: { httpVersion } }) =>
    httpVersion === undefined ? undefined : Number(httpVersion),
  ),
  probe_http_redirects: ofAnswer(({ redirects = [] }) => redirects.length),
  probe_http_ssl: ofAnswer(({ overTls = false }) => (overTls ? 1 : 0)),
  probe_http_content_length: ofAnswer(({ contentLength = -1 }) => contentLength),
  probe_ssl_earliest_cert_expiry: ofRun(({ facts: { tls } }) => tls && earliestExpirySeconds(tls)),
  probe_tls_version_info({ labelPairs, asked }, add) {
    const tls = asked?.facts.tls;
    if (tls) add(`${labelPairs},${labelPair('version', tlsVersion(tls.protocol))}`, 1);
  },
  probe_ntp_offset_seconds: ofNtp(({ skewMs }) => secondsOf(skewMs)),
  probe_ntp_uncertainty_seconds: ofNtp(({ uncertaintyMs }) => secondsOf(uncertaintyMs)),
  probe_ntp_delay_seconds: ofNtp(({ delayMs }) => secondsOf(delayMs)),
  probe_ntp_root_distance_seconds: ofNtp(({ rootDistanceMs }) => secondsOf(rootDistanceMs)),
  probe_ntp_stratum: ofNtp(({ stratum }) => stratum),
  probe_ntp_leap: ofNtp(({ leap }) => leap),
};

function ofRun(read: (asked: Result) => number | undefined): AddReading {
  return ({ labelPairs, asked }, add) => {
    const value = asked && read(asked);
    if (value !== undefined) add(labelPairs, value);
  };
}

/** Of a run that got an answer over HTTP. */
function ofAnswer(read: (facts: Facts) => number | undefined): AddReading {
  return ofRun(({ facts }) => (facts.status === undefined ? undefined : read(facts)));
}

function ofNtp(read: (ntp: NtpFacts) => number | undefined): AddReading {
  return ofRun(({ facts: { ntp } }) => ntp && read(ntp));
}

/** The milliseconds of those phases that were reached; undefined when none was. */
function sumOfReached(phases: Phases, names: readonly PhaseName[]): number | undefined {
  let sum: number | undefined;
  for (const name of names) {
    const ms = phases[name];
    if (ms !== undefined) sum = (sum ?? 0) + ms;
  }
  return sum;
}

function earliestExpirySeconds({ chain }: TlsFacts): number | undefined {
  return chain.length > 0 ? Math.min(...chain.map(({ notAfterMs }) => notAfterMs)) / 1000 : undefined;
}

/** `TLSv1.3` as Go, and so blackbox_exporter, writes it: `TLS 1.3`. */
function tlsVersion(protocol: string): string {
  return protocol.replace(/^TLSv1$/, 'TLSv1.0').replace(/^TLSv/, 'TLS ');
}

/** To the microsecond: what lies below is noise that every scrape would carry. */
export function secondsOf(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}
