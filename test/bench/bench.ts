import { cpus } from 'node:os';
import { coldStart, lateness, resident } from './daemon-figures.ts';
import { say } from './figures.ts';
import { outage } from './outage.ts';

/**
 * `npm run bench [-- NAME…]`: sonde's own figures on this machine, from the running daemon. Targets and issuers answer
 * from this process; nothing is asked but loopback, and each measurement ends by itself.
 */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  start: coldStart,
  memory: resident,
  lateness,
  outage,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  say(`There is no bench "${unknown}"; expected one of ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
say(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
for (const [name, measure] of Object.entries(benches))
  if (wanted.length === 0 || wanted.includes(name)) await measure();
