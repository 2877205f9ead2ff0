import { describe, expect, it } from 'vitest';
import { createAuditLog } from '../../src/sinks/audit-log.ts';
import type { LogFields } from '../../src/sinks/log.ts';
import { createSecretLog } from '../../src/sinks/secret-log.ts';
import { sampleSecret } from '../support/sample-secret.ts';

function memoryLog() {
  const lines: [level: string, fields: LogFields, message: string][] = [];
  const writer = (level: string) => (fields: LogFields, message: string) => void lines.push([level, fields, message]);
  return {
    lines,
    isOn: () => true,
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}

const { reference } = sampleSecret;

describe('an audit line', () => {
  it('says what was done, on whose behalf, and with which reference', () => {
    const log = memoryLog();
    const audit = createAuditLog(log, (text) => text.replace('code-1', '[secret]'));
    audit('secret_read', { who: ['tokens.claude'], references: [reference], outcome: 'done' });
    audit('login', { who: ['ada'], token: 'claude', outcome: 'failed', detail: 'the code code-1 was used' });
    expect(log.lines).toEqual([
      [
        'info',
        { audit: true, event: 'secret_read', who: ['tokens.claude'], outcome: 'done', references: [reference] },
        `audit: secret_read ${reference} (tokens.claude)`,
      ],
      [
        'info',
        {
          audit: true,
          event: 'login',
          who: ['ada'],
          outcome: 'failed',
          token: 'claude',
          detail: 'the code [secret] was used',
        },
        'audit: login token claude failed (ada)',
      ],
    ]);
  });
});

describe('the log of secrets', () => {
  it('is loud when one cannot be had, and says when it can again', () => {
    const log = memoryLog();
    const tell = createSecretLog(log);
    tell(sampleSecret);
    const { cause, ...well } = sampleSecret;
    tell({ ...well, state: 'current' });
    expect(log.lines).toEqual([
      [
        'error',
        {
          secret: reference,
          users: ['tokens.claude'],
          state: 'stale',
          cause: 'secret_unavailable',
          blame: 'self',
          detail: cause?.detail,
          evidence: cause?.evidence,
        },
        `secret_unavailable: ${cause?.detail}`,
      ],
      [
        'info',
        { secret: reference, users: ['tokens.claude'], state: 'current' },
        `secret ${reference} can be had again`,
      ],
    ]);
  });
});
