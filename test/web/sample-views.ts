import { passed } from '../../src/model/cause.ts';
import type { TokenResult } from '../../src/model/result.ts';
import type { SecretStanding } from '../../src/model/secret-standing.ts';
import { createHistory } from '../../src/sinks/history.ts';
import { createPrometheusSink } from '../../src/sinks/prometheus.ts';
import type { CheckView, LoginDesk, ReloadStatus, TokenLoan, Views } from '../../src/web/views.ts';
import { sampleClock } from '../support/sample-clock.ts';
import { sampleResult } from '../support/sample-result.ts';

export const sampleNowMs = Date.UTC(2026, 0, 1, 3, 0, 0);

export const sampleTokenRun: TokenResult = {
  token: 'claude',
  runId: 'c'.repeat(32),
  startedAtMs: sampleNowMs - 600_000,
  phases: { connect: 2, wait: 60 },
  durationMs: 62,
  outcome: passed,
  expiresAtMs: sampleNowMs + 3_000_000,
};

/** What commands must take every token for. */
export const sampleIdentity = 'who it is';

/** Views over real sinks; a test changes what it needs otherwise. */
export function sampleViews(
  checks: readonly CheckView[] = [{ check: sampleResult().check, state: sampleResult().state }],
) {
  const history = createHistory();
  const metrics = createPrometheusSink({
    version: '1.2.3',
    wallMs: () => sampleNowMs,
    budgetLevels: () => [],
    clockVerdict: () => daemon.clock,
    secrets: () => daemon.secrets,
  });
  for (const sink of [history, metrics]) {
    sink.syncChecks(checks.map(({ check }) => check));
    sink.syncTokens(['claude']);
  }
  const daemon = {
    reloadStatus: { successful: true, atMs: sampleNowMs, problems: [] } as ReloadStatus,
    reloadAllowed: false,
    reloads: 0,
    clock: sampleClock,
    secrets: [] as SecretStanding[],
    ready: true,
    heartbeatAgeMs: 300,
    loans: new Map<string, TokenLoan>(),
    desks: new Map<string, LoginDesk | 'no login'>(),
    errors: [] as unknown[],
  };
  const views: Views = {
    version: '1.2.3',
    history,
    checks: () => checks,
    tokens: () => ['claude'],
    reloadStatus: () => daemon.reloadStatus,
    reloadAllowed: () => daemon.reloadAllowed,
    async reload() {
      daemon.reloads += 1;
      return daemon.reloadStatus;
    },
    ready: () => daemon.ready,
    heartbeatAgeMs: () => daemon.heartbeatAgeMs,
    metrics: metrics.render,
    lendToken: async (name, identity) =>
      identity === sampleIdentity ? (daemon.loans.get(name) ?? 'unknown') : 'another',
    loginDesk: (name) => daemon.desks.get(name) ?? 'unknown',
    clockVerdict: () => daemon.clock,
    secrets: () => daemon.secrets,
    wallMs: () => sampleNowMs,
    onError: (error) => void daemon.errors.push(error),
  };
  return { views, daemon, history, metrics };
}
