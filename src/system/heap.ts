import { setFlagsFromString } from 'node:v8';

/**
 * Fits V8's heap to a process whose data either dies with its run, within milliseconds, or stays for minutes. Call it
 * before anything runs: V8 looks at these flags whenever it needs them.
 *
 * V8 takes from the past which objects will live long, and is wrong here: it put 7 kB of each run straight among the old
 * ones, where only a collection of the whole heap frees them, instead of half of one. And the space of new objects grows
 * to 16 MiB, of which each collection holds the loop up for 10 to 50 ms; as small as it begins, for less than one.
 * After a collection of the whole heap the next one comes when a third more has gathered, where V8 would wait for several
 * times as much: with 1,000 checks that kept 20 to 40 MiB of garbage resident, and saved no CPU that could be measured.
 */
export function shapeHeap(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}
