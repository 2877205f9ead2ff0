import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVirtualClock, settle, type VirtualClock } from '../support/virtual-system.ts';
import { apiFaults } from './api-faults.ts';
import { breakages } from './breakages.ts';
import { createFaultSwitch } from './fault-switch.ts';
import { issuerFaults } from './issuer-faults.ts';
import { type Breakable, everyMs, firstAfterMs, rotateBreakages } from './rotation.ts';

const apply = () => Promise.resolve();

let clock: VirtualClock;
let said: string[];
let end: AbortController;
let rotation: Promise<void>;
/** Switches without servers behind them: only what is broken when matters here. */
let switches: Breakable;

const broken = () => [
  ...switches.api.faults.list().filter((fault) => fault.on.length > 0),
  ...switches.issuer.faults.list().filter((fault) => fault.on.length > 0),
];

beforeEach(() => {
  clock = createVirtualClock();
  said = [];
  end = new AbortController();
  switches = {
    api: { faults: createFaultSwitch(apiFaults, apply) },
    issuer: { faults: createFaultSwitch(issuerFaults, apply) },
  };
  rotation = rotateBreakages(clock, switches, (line) => said.push(line), end.signal);
});

afterEach(async () => {
  end.abort();
  await rotation;
  expect(clock.pending()).toBe(0);
});

it('leaves all well at first, then breaks one thing a minute and heals it', async () => {
  await clock.advance(firstAfterMs - 1);
  expect(broken()).toEqual([]);
  await clock.advance(1);
  for (const breakage of breakages) {
    expect(broken().map((fault) => fault.name)).toEqual([breakage.fault.name]);
    expect(said.splice(0).join('\n')).toContain(`Expect ${breakage.cause} from`);
    await clock.advance(breakage.lastsMs);
    expect(broken()).toEqual([]);
    expect(said.splice(0)).toEqual([expect.stringContaining('HEALED')]);
    await clock.advance(everyMs - breakage.lastsMs);
  }
  expect(broken().map((fault) => fault.name)).toEqual([breakages[0]?.fault.name]);
});

it('heals what is broken when it is told to end', async () => {
  await clock.advance(firstAfterMs);
  expect(broken()).toHaveLength(1);
  end.abort();
  await settle();
  expect(broken()).toEqual([]);
});
