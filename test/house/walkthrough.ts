import { type Block, readPage } from './markdown.ts';

/** A command of a page, and what it prints. */
export interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The steps of a `console` block: each begins with `$ `. */
export function stepsOf({ text, line }: Pick<Block, 'text' | 'line'>): readonly Step[] {
  const steps: { command: string; output: string[] }[] = [];
  for (const content of text.split('\n')) {
    const last = steps.at(-1);
    if (content.startsWith('$ ')) steps.push({ command: content.slice(2), output: [] });
    else if (last) last.output.push(content);
    else throw new Error(`the block of line ${line} does not begin with a command`);
  }
  return steps;
}

export const blocksOf = (page: string) => readPage(page).blocks.filter(({ info }) => /^console\b/.test(info));

/** The page with these steps in the place of those of the block. */
export function withSteps(page: string, { line, text }: Block, steps: readonly Step[]): string {
  const lines = page.split('\n');
  const written = steps.flatMap(({ command, output }) => [`$ ${command}`, ...output]);
  return lines.toSpliced(line, text.split('\n').length, ...written).join('\n');
}

/** What is another at each run, and how it is told apart from what has to stay. */
const varying: Readonly<Record<string, readonly [RegExp, string]>> = {
  'the id of a run': [/\b[0-9a-f]{32}\b/g, 'RUN'],
  'a moment': [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT'],
  'a Unix time': [/\b1\d{9}(?:\.\d+)?\b/g, 'SECONDS'],
  'a duration in milliseconds': [/\b[\d.]+ ms\b/g, 'N ms'],
  'a phase': [/("(?:queue|resolve|connect|request|wait|transfer)": )[\d.]+/g, '$1N'],
  'a figure of a metric': [/(?<=\} )\d+\.\d+$/gm, 'N'],
  'a figure of a table, behind outcome and status': [
    /(?<=^\S+ +(?:(?:passed|failed|errored) +\d{3}|skipped|errored)[ \d.]*) [\d.]+(?= |$)/gm,
    ' N',
  ],
  'the rest of a lifetime': [/\b\d+ min(?: \d+ s)?\b/g, 'LIFETIME'],
  'a state or a challenge': [/\b(state|code_challenge)=[\w-]+/g, '$1=TEXT'],
  'the port that a browser is sent back to': [/(redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A)\d+/g, '$1PORT'],
  'who is logged in at this host': [/"who":\["[^"]+"\]/g, '"who":["USER"]'],
  'the width of a column': [/ {2,}/g, '  '],
};

/** The text without what is another at each run. */
export function settled(text: string): string {
  return Object.values(varying).reduce((left, [pattern, word]) => left.replaceAll(pattern, word), text);
}
