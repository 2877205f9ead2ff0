import type { Clock } from '../system/clock.ts';
import { type BodyCollector, createBodyCollector } from './body.ts';
import type { ConnectionRecord } from './connect.ts';
import type { HttpResponse } from './http.ts';
import { createStopwatch } from './stopwatch.ts';

/** What one exchange has shown so far: told even when it breaks later. */
export interface ExchangeRecord {
  readonly connection: ConnectionRecord;
  head?: Pick<HttpResponse, 'status' | 'httpVersion' | 'headers'>;
  readonly body: BodyCollector;
}

export function createExchangeRecord(clock: Clock, maxBodyBytes: number): ExchangeRecord {
  return { connection: { stopwatch: createStopwatch(clock), facts: {} }, body: createBodyCollector(maxBodyBytes) };
}
