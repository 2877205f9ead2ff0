import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Checks that run at once. */
export interface Load {
  readonly checks: number;
  readonly everySeconds: number;
  readonly roundSeconds: number;
}

/** A file of the configuration may have 1 MiB. */
const checksOfFile = 2_500;

/** A check as people write them: with a header and three assertions. */
const checkOf = (index: number, { everySeconds }: Load, port: number, confirm: number) => `  check-${index}:
    every: ${everySeconds}s
    confirm: ${confirm}
    http:
      url: http://127.0.0.1:${port}/${index}
      headers:
        accept: application/json
    assert:
      - status: 200
      - json: $.ok
        equals: true
      - latency:
          below: 2s
`;

/** Writes the configuration. Another `reloads` changes two checks of it, and so makes sonde load it anew. */
export async function writeLoad(folder: string, load: Load, port: number, reloads: number): Promise<void> {
  await writeFile(join(folder, 'budgets.yaml'), 'budgets:\n  default:\n    rate: 20000/s\n    burst: 20000\n');
  for (let first = 0; first < load.checks; first += checksOfFile) {
    const count = Math.min(checksOfFile, load.checks - first);
    const indices = Array.from({ length: count }, (_, at) => first + at);
    const checks = indices.map((index) => checkOf(index, load, port, index === reloads ? 2 : 1));
    await writeFile(join(folder, `checks-${first}.yaml`), `checks:\n${checks.join('')}`);
  }
}
