import { causeOf } from '../model/cause.ts';
import type { TokenResult } from '../model/result.ts';
import type { Instruments } from './instruments.ts';

/** The series of token sources. */
export interface TokenSeries {
  record(result: TokenResult): void;
  /** Creates the series of new tokens and removes those of tokens that are gone. */
  sync(names: readonly string[]): void;
}

export function createTokenSeries({ gauge, counter }: Instruments): TokenSeries {
  /** What was counted of each token, so that it can be removed. */
  const tokens = new Map<string, Map<string, Record<string, string>>>();
  const expiry = gauge('sonde_token_expiry_timestamp_seconds');
  const duration = gauge('sonde_token_refresh_duration_seconds');
  const refreshes = counter('sonde_token_refreshes_total');

  const count = (token: string, outcome: string, cause: string, by: number) => {
    const labels = { token, outcome, cause };
    tokens.get(token)?.set(`${outcome} ${cause}`, labels);
    refreshes.inc(labels, by);
  };
  return {
    record({ token, outcome, durationMs, expiresAtMs }) {
      if (!tokens.has(token)) return;
      count(token, outcome.kind, causeOf(outcome)?.code ?? '', 1);
      duration.set({ token }, durationMs / 1000);
      if (expiresAtMs === undefined) expiry.remove({ token });
      else expiry.set({ token }, expiresAtMs / 1000);
    },
    sync(names) {
      for (const [token, counted] of tokens) {
        if (names.includes(token)) continue;
        tokens.delete(token);
        for (const labels of counted.values()) refreshes.remove(labels);
        duration.remove({ token });
        expiry.remove({ token });
      }
      for (const token of names) {
        if (tokens.has(token)) continue;
        tokens.set(token, new Map());
        count(token, 'passed', '', 0);
      }
    },
  };
}
