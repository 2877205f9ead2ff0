import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { troubled } from '../../src/model/cause.ts';
import type { CheckState, Result } from '../../src/model/result.ts';
import { overviewPage } from '../../src/web/page.ts';
import type { CheckView, Views } from '../../src/web/views.ts';
import { sampleResult } from '../support/sample-result.ts';
import { sampleSecret } from '../support/sample-secret.ts';
import { textOf } from '../support/text-of.ts';
import { sampleNowMs, sampleTokenRun, sampleViews } from './sample-views.ts';

const passing: CheckState = { status: 'passing', sinceMs: sampleNowMs - 7_500_000, consecutiveFailures: 0 };
const unknown: CheckState = { status: 'unknown', sinceMs: sampleNowMs, consecutiveFailures: 0 };

function failing(code: 'upstream_5xx' | 'timeout', detail: string): CheckState {
  return {
    status: 'failing',
    cause: { code, detail, evidence: {} },
    sinceMs: sampleNowMs - 200_000,
    consecutiveFailures: 4,
  };
}

function viewOf(name: string, state: CheckState): CheckView {
  return { check: { ...sampleResult().check, name }, state };
}

const pageText = (views: Views, number?: number) => textOf(overviewPage(views, number).body);

/** The page over these checks, after runs of them. */
function pageOf(checks: readonly CheckView[], ...runs: readonly Partial<Result>[]) {
  const sample = sampleViews(checks);
  for (const run of runs) sample.history.record(sampleResult({ ...(checks[0] && { check: checks[0].check }), ...run }));
  return { ...sample, page: (number?: number) => pageText(sample.views, number) };
}

/** What a person reads: the text without tags and with the escapes taken back. */
function readable(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
}

describe('the page', () => {
  it('says why a check fails, since when, what to do and who has to act', () => {
    const state = failing('upstream_5xx', 'the target answered 503');
    const { page } = pageOf([viewOf('models', state)], {
      outcome: troubled('upstream_5xx', 'the target answered 503'),
    });
    expect(page()).toContain('<title>1 of 1 failing · sonde</title>');
    expect(readable(page())).toContain(
      "models failing for 3 min 20 s , 4 failures in a row http https://api.test/health 252 ms resolve 0.4 ms, connect 1.3 ms, wait 251 ms The target answered with a server error. the target answered 503 Look at the target's status page and logs; the trace id of the run leads to its own trace. upstream_5xx · the target has to act · run 01234567",
    );
    expect(page()).toContain('href="/api/v1/runs/0123456789abcdef0123456789abcdef"');
  });

  it('puts failing checks first, then those not known yet, then by name', () => {
    const views = [
      viewOf('b-good', passing),
      viewOf('a-good', passing),
      viewOf('z-new', unknown),
      viewOf('y-bad', failing('timeout', 'wait')),
    ];
    const order = [
      ...pageOf(views)
        .page()
        .matchAll(/<h3>([\w-]+)<\/h3>/g),
    ].map((match) => match[1]);
    expect(order).toEqual(['y-bad', 'z-new', 'a-good', 'b-good', 'claude']);
  });

  it('has a head that tells from afar how things stand', () => {
    const titleOf = (checks: readonly CheckView[]) => /<title>(.*) · sonde/.exec(pageOf(checks).page())?.[1];
    expect(titleOf([viewOf('a', passing)])).toBe('The check passes');
    expect(titleOf([viewOf('a', passing), viewOf('b', passing)])).toBe('All 2 pass');
    expect(titleOf([viewOf('a', passing), viewOf('b', unknown)])).toBe('1 of 2 not known yet');
    expect(titleOf([viewOf('a', unknown), viewOf('b', failing('timeout', 'wait'))])).toBe('1 of 2 failing');
    expect(titleOf([])).toBe('No check is configured');
  });

  it('does not let a check look well that is not asked any more', () => {
    const absent = { outcome: troubled('token_absent', 'token claude is not there'), facts: {}, phases: {} };
    const { page } = pageOf([viewOf('models', passing), viewOf('other', passing)], {}, absent);
    expect(page()).toContain('<title>1 of 2 not asked now · sonde</title>');
    expect(readable(page())).toContain('models not asked now passed when it was');
    const overrun = pageOf([viewOf('models', passing)], {}, { outcome: troubled('overrun', 'still going') });
    expect(overrun.page()).toContain('<title>The check passes · sonde</title>');
  });

  it('shows what the last run met when the state is not about that', () => {
    const skipped = { outcome: troubled('token_absent', 'token claude is not there'), facts: {}, phases: {} };
    const text = readable(pageOf([viewOf('models', failing('timeout', 'ran out in wait'))], skipped).page());
    const [now = -1, before = -1] = [
      'There is no live access token to send. token claude is not there',
      'Before that: The target did not finish its answer in time. ran out in wait',
    ].map((words) => text.indexOf(words));
    expect(now).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(now);
    const unconfirmed = pageOf([viewOf('models', passing)], { outcome: troubled('timeout', 'ran out in wait') });
    expect(readable(unconfirmed.page())).toContain('The target did not finish');
  });

  it('sends for who has to act on the token when a check lacks its token', () => {
    const outcome = troubled('token_absent', 'token claude is not there', { token_cause: 'issuer_unavailable' });
    const text = readable(pageOf([viewOf('models', passing)], { outcome, facts: {}, phases: {} }).page());
    expect(text).toContain("Look at the issuer's status");
    expect(text).toContain('token_absent · the issuer has to act');
  });

  it('shows a failing check of which no run is kept', () => {
    const text = readable(pageOf([viewOf('models', failing('timeout', 'ran out'))]).page());
    expect(text).toContain('timeout · the target has to act');
    expect(text).not.toContain('· run');
  });

  it('keeps the latency of the last run that asked when the last one was skipped', () => {
    const { page } = pageOf(
      [viewOf('models', passing)],
      {},
      { outcome: troubled('overrun', 'still going'), durationMs: 0 },
    );
    expect(readable(page())).toContain('252 ms');
  });

  it('shows checks by pages where they are many, in one order over all, and tells how many there are', () => {
    const names = Array.from({ length: 230 }, (_, index) => `check-${String((index * 7) % 230).padStart(3, '0')}`);
    const { page } = pageOf(
      names.map((name) => viewOf(name, name === 'check-123' ? failing('timeout', 'wait') : passing)),
    );
    const shown = (number?: number) => [...page(number).matchAll(/<h3>(check-\d+)<\/h3>/g)].map((match) => match[1]);
    const passingInOrder = [...names].sort().filter((name) => name !== 'check-123');
    expect([...shown(1), ...shown(2), ...shown(3)]).toEqual(['check-123', ...passingInOrder]);
    expect(shown().length).toBe(100);
    expect(shown(99)).toEqual(shown(3));
    expect(page()).toContain('<title>1 of 230 failing · sonde</title>');
    expect(readable(page())).toContain('checks 1 to 100 of 230 · after');
    expect(readable(page(2))).toContain('before · checks 101 to 200 of 230 · after');
    expect(page(2)).toMatch(/href="\/\?page=1" rel="prev".*href="\/\?page=3" rel="next"/s);
    expect(readable(page(3))).toContain('before · checks 201 to 230 of 230 ');
    expect(page(3)).not.toContain('rel="next"');
  });

  it('has one page, without links to others, for a hundred checks', () => {
    const names = Array.from({ length: 100 }, (_, index) => `check-${index}`);
    expect(pageOf(names.map((name) => viewOf(name, passing))).page()).not.toContain('<nav');
  });

  it('shows a hundred tokens, and says where the others are', () => {
    const { views } = sampleViews();
    const tokens = Array.from({ length: 103 }, (_, index) => `token-${index}`);
    const page = pageText({ ...views, tokens: () => tokens });
    expect(page.match(/<h3>token-/g)).toHaveLength(100);
    expect(readable(page)).toContain('3 more are not shown here; the API has all.');
  });

  it('says of an uncertain latency how much may be our own', () => {
    const { page } = pageOf([viewOf('models', passing)], { uncertaintyMs: 80, isUncertain: true });
    expect(readable(page())).toContain("252 ms (up to 80 ms of it may be sonde's own)");
  });

  it('draws no bar for a run whose phases took no time', () => {
    const { page } = pageOf([viewOf('models', passing)], { phases: { queue: 5 }, durationMs: 0 });
    expect(readable(page())).toContain('https://api.test/health 0 ms Tokens');
  });

  it('shows tokens: live, expired, absent, and why the last refresh failed', () => {
    const sample = sampleViews();
    const tokens = () => readable(pageText(sample.views)).split('Tokens')[1];
    expect(tokens()).toContain('claude not known yet');
    sample.history.recordToken(sampleTokenRun);
    expect(tokens()).toContain('claude live expires in 50 min, refreshed 10 min ago 62 ms');
    const down = { ...sampleTokenRun, outcome: troubled('issuer_unavailable', 'the issuer answered 502') };
    sample.history.recordToken(down);
    expect(tokens()).toContain('claude live expires in 50 min, last asked for 10 min ago');
    expect(tokens()).toContain('the issuer answered 502');
    expect(tokens()).toContain('the issuer has to act');
    sample.history.recordToken({ ...down, expiresAtMs: sampleNowMs - 60_000 });
    expect(tokens()).toContain('claude expired 1 min ago,');
    const { expiresAtMs: _, ...lasting } = sampleTokenRun;
    sample.history.recordToken(lasting);
    expect(tokens()).toContain('claude live refreshed 10 min ago');
    sample.history.recordToken({ ...lasting, outcome: down.outcome });
    expect(tokens()).toContain('claude absent last asked for 10 min ago');
  });

  it('leaves the tokens out when none is configured', () => {
    const { views } = sampleViews();
    expect(pageText({ ...views, tokens: () => [] })).not.toContain('Tokens');
  });

  it('says that the last reload failed, and why', () => {
    const sample = sampleViews();
    expect(pageText(sample.views)).not.toContain('could not be reloaded');
    sample.daemon.reloadStatus = {
      successful: false,
      atMs: sampleNowMs - 90_000,
      problems: ['a.yaml:1:2: unknown key'],
    };
    expect(readable(pageText(sample.views))).toContain(
      'The configuration could not be reloaded (1 min 30 s ago). What ran before goes on. a.yaml:1:2: unknown key',
    );
  });

  it('lets nothing that a target or a file says become HTML', () => {
    const hostile = `"><img src=x onerror=alert(1)>'<script>`;
    const state = failing('timeout', hostile);
    const check = { ...sampleResult().check, name: hostile, target: hostile, labels: { [hostile]: hostile } };
    const { page, daemon } = pageOf([{ check, state }], { check, outcome: troubled('upstream_5xx', hostile) });
    daemon.reloadStatus = { successful: false, atMs: 0, problems: [hostile] };
    expect(page()).not.toContain('<img');
    expect(page()).not.toContain('<script');
    expect(page().match(/onerror/g)).toHaveLength(7);
  });

  it('may load nothing but its own style, by a policy that fits that style', () => {
    const answer = overviewPage(sampleViews().views);
    const body = textOf(answer.body);
    const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.contentSecurityPolicy).toContain(`style-src 'sha256-${hash}'`);
    expect(body).not.toMatch(
      /<script|<link rel="stylesheet"|style="|https?:\/\/(?!api\.(?:test|example\.com)|www\.w3\.org)/,
    );
  });

  it('says in a sentence how the clock stands, and shows each source', () => {
    const { page, daemon } = pageOf([viewOf('a', passing)]);
    expect(readable(page())).toContain(
      "Clock ✗ this host ahead This host's clock is 400.0 s ahead of true time, give or take 8 ms; 2 of 4 time servers agree. ✓ ntp1.example.net used NTP, stratum 2, 1 min 30 s ago 400.0 s ahead ± 9 ms",
    );
    expect(readable(page())).toContain(
      '✗ ntp3.example.net outvoted NTP, stratum 3, 1 min 30 s ago its own clock is 1000.0 s ahead 600.0 s behind ± 9 ms',
    );
    expect(readable(page())).toContain('? ntp4.example.net:1123 silent NTP no answer came within 2000 ms ✓ https');
    daemon.clock = { state: 'unknown', toleranceMs: 1_000, reason: 'nobody answers', sources: [] };
    expect(readable(page())).toContain(
      "? this host not known How far this host's clock is off is not known: nobody answers.",
    );
  });

  it('shows secrets of Vault, and files that have gone, and no section where there is neither', () => {
    const { page, daemon } = pageOf([viewOf('a', passing)]);
    const file = `\${file:/run/secrets/key}`;
    daemon.secrets = [{ reference: file, users: ['checks.a'], state: 'current', failures: {} }];
    expect(readable(page())).not.toContain('the last good value');
    expect(page()).not.toContain('aria-label="Secrets"');
    const lease = `\${vault:database/creds/app#password}`;
    const lent = { reference: lease, users: ['checks.a'], state: 'current', failures: {} } as const;
    const readAtMs = sampleNowMs - 60_000;
    daemon.secrets = [
      sampleSecret,
      { ...lent, readAtMs, leaseEndsAtMs: sampleNowMs + 120_000 },
      { ...lent, readAtMs, leaseEndsAtMs: sampleNowMs - 120_000 },
    ];
    expect(readable(page())).toContain(
      `Secrets ! ${sampleSecret.reference} the last good value is used read 3 h ago tokens.claude A secret that sonde needs`,
    );
    expect(readable(page())).toContain(`✓ ${lease} at hand read 1 min ago, lease for 2 min more checks.a`);
    expect(readable(page())).toContain(`✓ ${lease} at hand read 1 min ago, lease over for 2 min checks.a`);
  });

  it('draws what each clock leaves open to one scale around the verdict, with those that are outvoted at its edge', () => {
    const { page, daemon } = pageOf([viewOf('a', passing)]);
    const source = { kind: 'ntp', ageMs: 0, uncertaintyMs: 100 } as const;
    daemon.clock = {
      state: 'ok',
      skewMs: 500,
      uncertaintyMs: 100,
      toleranceMs: 600,
      reason: '2 of 3 time servers agree',
      sources: [
        { ...source, source: 'a', state: 'used', skewMs: 500 },
        { ...source, source: 'b', state: 'used', skewMs: 800 },
        { ...source, source: 'c', state: 'outvoted', skewMs: 9e9 },
        { ...source, source: 'd', state: 'outvoted', skewMs: -9e9 },
        { source: 'e', kind: 'ntp', state: 'silent' },
      ],
    };
    const stripsOf = (name: string) => {
      const strips = page().matchAll(new RegExp(`class="${name}" x="([\\d.]+)" width="([\\d.]+)"`, 'g'));
      return Array.from(strips, ([, x, width]) => `${x} ${width}`);
    };
    // 500 ms to either side.
    expect(stripsOf('reach')).toEqual(['80.0 40.0', '140.0 40.0', '198.5 1.5', '0.0 1.5']);
    expect(stripsOf('best').slice(0, 2)).toEqual(['100.0 1.5', '160.0 1.5']);
    expect(stripsOf('tolerance')[0]).toBe('0.0 120.0');
  });
});
