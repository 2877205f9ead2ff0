import type { ScheduleDefinition } from '../model/check.ts';
import { nearest } from '../model/nearest.ts';
import { CronError, createCron } from '../system/cron.ts';
import type { System } from '../system/system.ts';
import type { Report } from './problem.ts';
import { keyPlaceAt, type Path, placeAt, type Tree } from './yaml/tree.ts';

/** The keys of a schedule after their schema. */
export interface ScheduleValues {
  readonly every?: number | undefined;
  readonly cron?: string | undefined;
  readonly timezone?: string | undefined;
}

/** Where a schedule stands, and how messages call that. */
interface ScheduleSpot {
  readonly tree: Tree;
  readonly path: Path;
  readonly label: string;
}

/** Why a time zone cannot be used; undefined when it can. */
function timezoneFault(timezone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return undefined;
  } catch {
    const meant = nearest(timezone, Intl.supportedValuesOf('timeZone'));
    return `${JSON.stringify(timezone)} is no time zone; ${meant ? `did you mean "${meant}"?` : 'expected a name such as Europe/Berlin'}`;
  }
}

/** Why a cron expression can never be due; undefined when it can. */
function cronFault(cron: string, timezone: string, nowMs: number): string | undefined {
  try {
    if (createCron(cron, timezone).nextAfterMs(nowMs) !== undefined) return undefined;
    return 'is never due; expected a date that exists';
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return `cannot be used (${error.message}); expected a cron expression such as "*/5 * * * *"`;
  }
}

/** The schedule that `every`, `cron` and `timezone` describe; undefined when there is none, or it was reported as wrong. */
export function readSchedule(
  { every, cron, timezone }: ScheduleValues,
  { tree, path, label }: ScheduleSpot,
  system: System,
  report: Report,
): ScheduleDefinition | undefined {
  const at = (key: string) => [...path, key];
  if (timezone !== undefined && cron === undefined)
    report(keyPlaceAt(tree, at('timezone')), `${label}.timezone is for cron alone; remove it, or use cron`);
  if (cron === undefined) return every === undefined ? undefined : { everyMs: every };
  if (every !== undefined) {
    report(keyPlaceAt(tree, at('cron')), `${label} has both every and cron; expected one of them`);
    return undefined;
  }
  const zone = timezone ?? 'UTC';
  const zoneFault = timezoneFault(zone);
  if (zoneFault !== undefined) report(placeAt(tree, at('timezone')), zoneFault);
  const fault = zoneFault === undefined ? cronFault(cron, zone, system.clock.wallMs()) : undefined;
  if (fault !== undefined) report(placeAt(tree, at('cron')), `${label}.cron ${fault}`);
  return { cron, timezone: zone };
}
