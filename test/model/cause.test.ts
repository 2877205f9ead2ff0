import { describe, expect, it } from 'vitest';
import {
  type CauseCode,
  causeOf,
  causes,
  type Evidence,
  guidanceOf,
  outcomeKinds,
  passed,
  troubled,
} from '../../src/model/cause.ts';

describe('the table of causes', () => {
  const codes = Object.keys(causes) as CauseCode[];

  it('gives each cause the outcome that is written beside it', () => {
    for (const code of codes) {
      const outcome = troubled(code, 'because');
      expect(outcome.kind).toBe(causes[code].outcome);
      expect(causeOf(outcome)).toEqual({ code, detail: 'because', evidence: {} });
    }
  });

  it('tells each in one sentence, with what to do', () => {
    for (const { sentence, action } of Object.values(causes)) {
      expect(sentence).toMatch(/^([A-Z]|sonde ).*\.$/);
      expect(action).toMatch(/^[A-Z].*[.?]$/);
    }
  });

  it('sends for who has to act on the token when a check lacks its token', () => {
    const lacking = (evidence: Evidence) => guidanceOf({ code: 'token_absent', detail: '', evidence });
    expect(lacking({ token_cause: 'issuer_unavailable' })).toEqual({
      ...causes.token_absent,
      blame: 'issuer',
      action: causes.issuer_unavailable.action,
    });
    expect(lacking({})).toEqual(causes.token_absent);
    expect(lacking({ token_cause: 'of another version' })).toEqual(causes.token_absent);
    expect(guidanceOf({ code: 'timeout', detail: '', evidence: { token_cause: 'invalid_grant' } })).toEqual(
      causes.timeout,
    );
  });

  it('knows no cause for what passed', () => {
    expect(causeOf(passed)).toBeUndefined();
    expect(outcomeKinds).toEqual(['passed', 'failed', 'errored', 'skipped']);
  });
});
