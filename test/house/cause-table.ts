import { type CauseCode, causes } from '../../src/model/cause.ts';

/** The table of causes as `docs/causes.md` shows it. */
export function causeTable(): string {
  const rows = (Object.keys(causes) as CauseCode[]).map((code) => {
    const { outcome, blame, sentence, action } = causes[code];
    return `| \`${code}\` | ${outcome} | ${blame} | ${sentence} | ${action} |`;
  });
  return ['| code | outcome | blame | what it means | what to do |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}
