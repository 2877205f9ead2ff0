import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchRecord } from './bench-record.ts';
import { plotsOf } from './plots.ts';
import { renderReport } from './report.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const folder = join(docs, 'benchmarks');

/** Every record that is kept, in the order of `names`. */
async function recordsOf(names: readonly string[]): Promise<readonly BenchRecord[]> {
  const records = await Promise.all(
    names.map(async (name): Promise<BenchRecord[]> => {
      const text = await readFile(join(folder, `${name}.json`), 'utf8').catch(() => undefined);
      return text === undefined ? [] : [JSON.parse(text)];
    }),
  );
  return records.flat();
}

/** Keeps what a bench has found and writes the page anew; `names` are all benches, in their order. */
export async function keepRecord(record: BenchRecord, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${record.name}.json`), `${JSON.stringify(record, undefined, 1)}\n`);
  for (const file of await readdir(folder))
    if (file.startsWith(`${record.name}-`) && file.endsWith('.svg')) await rm(join(folder, file));
  for (const { name, svg } of plotsOf(record.name, record.figures)) await writeFile(join(folder, `${name}.svg`), svg);
  await writeFile(join(docs, 'benchmarks.md'), renderReport(await recordsOf(names)));
}
