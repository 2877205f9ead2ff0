import type { ClockReading } from '../model/clock.ts';
import type { NtpServerView } from './ntp-standing.ts';
import { type Selection, selectMajority } from './select.ts';

/** What a verdict rests on: a majority, or none. */
export interface ClockBasis {
  readonly majority?: Extract<Selection<ClockReading>, { kind: 'majority' }>;
  /** A clause for a person: who agrees, or why there is no majority. */
  readonly reason: string;
}

/**
 * A majority of the configured servers decides. Where all of them are silent or refused, a majority of the origins does.
 * Where servers do answer and are no majority, or may yet answer, the coarser word of the origins does not come before
 * theirs. `answers` and `dates` are widened by their age.
 */
export function clockBasis(
  servers: readonly NtpServerView[],
  answers: readonly ClockReading[],
  dates: readonly ClockReading[],
): ClockBasis {
  const byServers = selectMajority(answers, Math.max(1, servers.length));
  if (byServers.kind === 'majority') return { majority: byServers, reason: serversAgree(byServers, servers.length) };

  if (servers.some(({ state }) => state === 'waiting')) return { reason: 'the time servers are being asked' };
  if (answers.length > 0) return { reason: serversFail(byServers, answers.length, servers.length) };

  const byDates = selectMajority(dates);
  const apart = servers.length === 0 ? '' : ', no time server answers';
  if (byDates.kind === 'majority') return { majority: byDates, reason: `${datesAgree(byDates)}${apart}` };
  if (byDates.reason === 'no_majority')
    return { reason: `the Date headers of ${dates.length} origins disagree${apart}` };
  const noServers = servers.length === 0 ? ', and no time server is configured' : apart;
  return { reason: `no Date header that can be believed has come lately${noServers}` };
}

type Majority = NonNullable<ClockBasis['majority']>;

function serversAgree({ agreeing }: Majority, count: number): string {
  return count === 1 ? 'the one time server says so' : `${agreeing.length} of ${count} time servers agree`;
}

function serversFail(
  { reason, needed }: Extract<Selection<never>, { kind: 'none' }>,
  answering: number,
  count: number,
) {
  const have = `${needed} of ${count} have to agree`;
  return reason === 'too_few'
    ? `only ${answering} of ${count} time servers ${answering === 1 ? 'answers' : 'answer'}, and ${have}`
    : `the time servers disagree, and ${have}`;
}

function datesAgree({ agreeing, outvoted }: Majority): string {
  const count = agreeing.length + outvoted.length;
  return count === 1
    ? 'the Date headers of one origin say so'
    : `${agreeing.length} of ${count} origins agree by their Date headers`;
}
