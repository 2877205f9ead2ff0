import { type Outcome, troubled } from '../model/cause.ts';
import type { CheckIdentity, CheckState, Result } from '../model/result.ts';
import { sameData } from '../model/same-data.ts';
import type { Timer } from '../system/clock.ts';
import type { Check } from './check.ts';
import { unknownState } from './check-state.ts';
import { type RunPorts, runCheck, skipCheck } from './run-check.ts';
import { createSchedule, type Due, type Schedule } from './schedule.ts';

export interface EnginePorts extends Omit<RunPorts, 'stopping'> {
  /** Gets every result; must not throw. */
  report(result: Result): void;
}

/** A check and what its runs have added up to so far. */
export interface CheckReport {
  readonly check: CheckIdentity;
  readonly state: CheckState;
}

/** Runs checks on their schedules. */
export interface Engine {
  /**
   * Takes over a new set of checks. One that was there before, by its name, kind and target, keeps its state, and its
   * place in the interval; a run of it that is under way goes on. Results of checks that are gone are dropped.
   */
  configure(checks: readonly Check[]): void;
  reports(): readonly CheckReport[];
  /**
   * Milliseconds since the loop that runs the checks last showed that it is alive: since it last turned, or since a check
   * was due that it has not begun or skipped, whichever is longer ago.
   */
  heartbeatAgeMs(): number;
  /** Begins no more runs, lets those under way end for `graceMs`, then ends them; resolves when none is left. */
  stop(graceMs: number): Promise<void>;
}

/** Has room for one run at a time. */
interface Lane {
  isBusy: boolean;
}

/** A check in the engine: its schedule, its state, and where its runs go. */
interface Slot {
  check: Check;
  readonly lane: Lane;
  schedule: Schedule;
  state: CheckState;
  /** Whether the schedule runs; until then the check waits for its token. */
  started: boolean;
}

const heartbeatMs = 1_000;

export function createEngine(ports: EnginePorts): Engine {
  const { clock } = ports.system;
  const startMs = clock.monotonicMs();
  const stopping = new AbortController();
  const runPorts: RunPorts = { ...ports, stopping: stopping.signal };
  const slots = new Map<string, Slot>();
  /**
   * Of each check by its name, also of one that a reload has taken away, while a run of it is under way. Not a map of the
   * runs: V8 moves one that gains and loses entries from table to table, each of which keeps the next one and all its
   * entries alive until the whole heap is collected.
   */
  const lanes = new Map<string, Lane>();
  let underWay = 0;
  let allEnded = () => {};
  let stopped = false;
  let beatAtMs = startMs;
  let heartbeat: Timer;
  const beat = () => {
    beatAtMs = clock.monotonicMs();
    heartbeat = clock.after(heartbeatMs, beat);
  };
  beat();

  const isCurrent = (slot: Slot) => slots.get(slot.check.definition.name) === slot;
  const finish = (slot: Slot, result: Result) => {
    slot.state = result.state;
    if (isCurrent(slot)) ports.report(result);
  };
  const skip = (slot: Slot, due: Due, outcome: Outcome) =>
    finish(slot, skipCheck(slot.check, due, slot.state, outcome, runPorts));

  const run = (slot: Slot, due: Due) => {
    const { lane } = slot;
    if (lane.isBusy) return skip(slot, due, troubled('overrun', 'the run before is still going'));
    lane.isBusy = true;
    underWay += 1;
    void runCheck(slot.check, due, slot.state, runPorts).then((result) => {
      lane.isBusy = false;
      underWay -= 1;
      finish(slot, result);
      if (underWay === 0) allEnded();
    });
  };

  const begin = (slot: Slot) => {
    const { schedule } = slot;
    // A check with a token waits for that token's first run: before it, every run would be a false alarm.
    const ready = slot.check.token?.firstRun ?? Promise.resolve();
    void ready.then(() => {
      if (stopped || !isCurrent(slot) || slot.schedule !== schedule) return;
      slot.started = true;
      schedule.start((due) => run(slot, due));
    });
  };
  const scheduleOf = ({ definition }: Check) => createSchedule(clock, definition.name, definition.schedule, startMs);

  const add = (check: Check) => {
    const state = unknownState(clock.wallMs());
    const { name } = check.definition;
    const lane = lanes.get(name) ?? { isBusy: false };
    lanes.set(name, lane);
    const slot: Slot = { check, lane, schedule: scheduleOf(check), state, started: false };
    slots.set(name, slot);
    begin(slot);
  };
  const change = (slot: Slot, check: Check) => {
    const { definition, token } = slot.check;
    slot.check = check;
    const keepsTime = sameData(definition.schedule, check.definition.schedule);
    // One that runs goes on with another token: a wait for that one's first run would show what is no longer asked.
    if (keepsTime && (slot.started || token === check.token)) return;
    slot.schedule.stop();
    slot.schedule = scheduleOf(check);
    begin(slot);
  };
  const asksTheSame = ({ check: { identity } }: Slot, { identity: changed }: Check) =>
    identity.kind === changed.kind && identity.target === changed.target;

  return {
    configure(checks) {
      const names = new Set(checks.map(({ definition }) => definition.name));
      for (const [name, slot] of slots) {
        if (names.has(name)) continue;
        slot.schedule.stop();
        slots.delete(name);
      }
      for (const [name, { isBusy }] of lanes) if (!names.has(name) && !isBusy) lanes.delete(name);
      for (const check of checks) {
        const slot = slots.get(check.definition.name);
        if (slot && asksTheSame(slot, check)) change(slot, check);
        else {
          slot?.schedule.stop();
          add(check);
        }
      }
    },
    reports: () => [...slots.values()].map(({ check, state }) => ({ check: check.identity, state })),
    heartbeatAgeMs() {
      let ageMs = clock.monotonicMs() - beatAtMs;
      for (const { schedule } of slots.values()) ageMs = Math.max(ageMs, schedule.overdueMs());
      return ageMs;
    },
    async stop(graceMs) {
      stopped = true;
      for (const slot of slots.values()) slot.schedule.stop();
      const grace = clock.after(graceMs, () => stopping.abort());
      await new Promise<void>((resolve) => {
        allEnded = resolve;
        if (underWay === 0) resolve();
      });
      grace.cancel();
      heartbeat.cancel();
    },
  };
}
