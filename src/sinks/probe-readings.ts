import type { Facts, PhaseName, Phases } from '../model/observation.ts';
import type { Result } from '../model/result.ts';
import type { MetricNameOf } from './metric-catalogue.ts';

/** A value for one gauge; `labels` are those beside the check's own. */
export interface Reading {
  readonly metric: MetricNameOf<'gauge'>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** blackbox_exporter's phases, and those of ours that add up to each. */
const blackboxPhases: Readonly<Record<string, readonly PhaseName[]>> = {
  resolve: ['resolve'],
  connect: ['connect'],
  tls: ['tls'],
  processing: ['request', 'wait'],
  transfer: ['transfer'],
};

type ToldFact = 'ipVersion' | 'status' | 'httpVersion' | 'tls' | 'ntp';
type FactTable = { readonly [Key in ToldFact]: (fact: NonNullable<Facts[Key]>, facts: Facts) => readonly Reading[] };

/** What each fact says to Prometheus. A fact that was not learned says nothing, so its series is withdrawn. */
const factTable: FactTable = {
  ipVersion: (version) => [{ metric: 'probe_ip_protocol', value: version }],
  status: (status, { overTls = false, redirects = [], contentLength = -1 }) => [
    { metric: 'probe_http_status_code', value: status },
    { metric: 'probe_http_ssl', value: overTls ? 1 : 0 },
    { metric: 'probe_http_redirects', value: redirects.length },
    { metric: 'probe_http_content_length', value: contentLength },
  ],
  httpVersion: (version) => [{ metric: 'probe_http_version', value: Number(version) }],
  tls: ({ protocol, chain }) => [
    { metric: 'probe_tls_version_info', labels: { version: tlsVersion(protocol) }, value: 1 },
    ...(chain.length > 0
      ? [
          {
            metric: 'probe_ssl_earliest_cert_expiry' as const,
            value: Math.min(...chain.map((certificate) => certificate.notAfterMs)) / 1000,
          },
        ]
      : []),
  ],
  ntp: ({ skewMs, uncertaintyMs, delayMs, rootDistanceMs, stratum, leap }) => [
    { metric: 'probe_ntp_offset_seconds', value: secondsOf(skewMs) },
    { metric: 'probe_ntp_uncertainty_seconds', value: secondsOf(uncertaintyMs) },
    { metric: 'probe_ntp_delay_seconds', value: secondsOf(delayMs) },
    { metric: 'probe_ntp_root_distance_seconds', value: secondsOf(rootDistanceMs) },
    { metric: 'probe_ntp_stratum', value: stratum },
    { metric: 'probe_ntp_leap', value: leap },
  ],
};

/** The `probe_*` readings of a run: all that Prometheus may know of it, and nothing of a run before. */
export function probeReadings({ outcome, durationMs, phases, facts }: Result): readonly Reading[] {
  const readings: Reading[] = [
    { metric: 'probe_success', value: outcome.kind === 'passed' ? 1 : 0 },
    { metric: 'probe_duration_seconds', value: secondsOf(durationMs) },
    ...phaseReadings(phases, facts),
  ];
  for (const key of Object.keys(factTable) as ToldFact[]) readings.push(...readingsOf(key, facts));
  return readings;
}

function readingsOf<Key extends ToldFact>(key: Key, facts: Facts): readonly Reading[] {
  const fact = facts[key];
  return fact === undefined ? [] : factTable[key](fact, facts);
}

function phaseReadings(phases: Phases, facts: Facts): Reading[] {
  const readings: Reading[] = [];
  if (phases.resolve !== undefined)
    readings.push({ metric: 'probe_dns_lookup_time_seconds', value: secondsOf(phases.resolve) });
  if (facts.overTls === undefined) return readings;
  for (const [phase, ours] of Object.entries(blackboxPhases)) {
    const reached = ours.flatMap((name) => phases[name] ?? []);
    if (reached.length === 0) continue;
    const value = secondsOf(reached.reduce((sum, ms) => sum + ms, 0));
    readings.push({ metric: 'probe_http_duration_seconds', labels: { phase }, value });
  }
  return readings;
}

/** `TLSv1.3` as Go, and so blackbox_exporter, writes it: `TLS 1.3`. */
function tlsVersion(protocol: string): string {
  return protocol.replace(/^TLSv1$/, 'TLSv1.0').replace(/^TLSv/, 'TLS ');
}

/** To the microsecond: what lies below is noise that every scrape would carry. */
function secondsOf(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}
