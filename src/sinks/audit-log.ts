import type { Audit } from '../model/audit.ts';
import { compact } from '../model/compact.ts';
import type { Log } from './log.ts';

/** Writes audit events as log lines that carry `audit: true`, at the level info. `mask` hides what a detail may quote. */
export function createAuditLog(log: Log, mask: (text: string) => string): Audit {
  return (event, { who, references, outcome, detail, token }) => {
    const fields = compact({ audit: true, event, who, outcome, token, references, detail: detail && mask(detail) });
    const of = [...(references ?? []), ...(token === undefined ? [] : [`token ${token}`])].join(', ');
    const what = of === '' ? event : `${event} ${of}`;
    log.info(fields, `audit: ${what}${outcome === 'failed' ? ' failed' : ''} (${who.join(', ')})`);
  };
}
