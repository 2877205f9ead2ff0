import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const heap = new URL('../../src/system/heap.ts', import.meta.url).href;

/** Mebibytes that the space of new objects has taken after many of them have lived for a while. */
function newSpaceMiB(before: string): number {
  const script = `
    const { getHeapSpaceStatistics } = await import('node:v8');
    ${before}
    const some = [];
    for (let count = 0; count < 2_000_000; count++) some[count % 50_000] = { count };
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    console.log(space_size / 2 ** 20);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}

it('keeps the space of new objects as small as it begins', () => {
  const shaped = newSpaceMiB(`(await import(${JSON.stringify(heap)})).shapeHeap();`);
  expect(shaped).toBeLessThan(newSpaceMiB(''));
});
