import { type ClockSourceView, type ClockVerdict, isAtOdds } from '../model/clock.ts';
import { aheadText, clockSentence } from '../model/clock-words.ts';
import type { Log } from './log.ts';

/** Logs what is new about this host's clock, one line each. */
export interface ClockLog {
  report(verdict: ClockVerdict): void;
  /** The wall clock went ahead (positive) or back by so many milliseconds. */
  stepped(byMs: number): void;
}

export function createClockLog(log: Log): ClockLog {
  return {
    report(verdict) {
      const { state, skewMs, uncertaintyMs, toleranceMs, sources } = verdict;
      const apart = sources.filter((source) => source.state !== 'used' && source.state !== 'waiting');
      const isWell = state === 'ok' && !sources.some(isAtOdds);
      const fields = {
        clock: state,
        ...(skewMs !== undefined && { skew_ms: roundedMs(skewMs) }),
        ...(uncertaintyMs !== undefined && { uncertainty_ms: roundedMs(uncertaintyMs) }),
        tolerance_ms: toleranceMs,
        used: sources.filter((source) => source.state === 'used').map(({ source }) => source),
        ...(apart.length > 0 && { not_used: apart.map(sourceText) }),
      };
      const named = (['outvoted', 'refused'] as const).map((why) => {
        const told = sources.filter((source) => isAtOdds(source) && source.state === why).map(sourceText);
        return told.length > 0 ? ` ${why === 'outvoted' ? 'Outvoted' : 'Refused'}: ${told.join('; ')}.` : '';
      });
      log[isWell ? 'info' : 'warn'](fields, `${clockSentence(verdict)}${named.join('')}`);
    },
    stepped(byMs) {
      const fields = { stepped_ms: roundedMs(byMs) };
      log.warn(
        fields,
        `The wall clock jumped to ${aheadText(byMs, 'where it was')}: it was set, or this host was suspended. Measuring begins anew.`,
      );
    },
  };
}

function sourceText({ source, state, problem }: ClockSourceView): string {
  return `${source} (${problem ?? state})`;
}

function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
