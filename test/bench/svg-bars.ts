import { colourOf, line, picture, rectangle, text } from './svg.ts';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  /** The value as it is read. */
  readonly label: string;
}

interface BarPicture {
  readonly title: string;
  readonly groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[];
}

const width = 760;
const [left, right] = [170, 110];
const [barHeight, groupHead, groupGap] = [18, 20, 12];

/** Lying bars from nought, a group for each figure, each bar with a whisker from its least to its greatest round. */
export function drawBars({ title, groups }: BarPicture): string {
  const bars = groups.flatMap((group) => group.bars);
  const names = [...new Set(bars.map(({ name }) => name))];
  const scale = (width - left - right) / Math.max(...bars.map(({ most }) => most), Number.MIN_VALUE);
  const parts = [text(12, 20, title, { bold: true })];
  let y = 36;
  for (const group of groups) {
    parts.push(text(12, y + 13, group.title));
    y += groupHead;
    for (const { name, value, least, most, label } of group.bars) {
      const middle = y + barHeight / 2;
      parts.push(
        text(left - 8, middle + 4, name, { anchor: 'end' }),
        rectangle(left, y + 2, value * scale, barHeight - 4, colourOf(names.indexOf(name))),
        line(left + least * scale, middle, left + most * scale, middle, { colour: '#222', width: 1.5 }),
        text(left + most * scale + 6, middle + 4, label),
      );
      y += barHeight;
    }
    y += groupGap;
  }
  return picture(title, width, y, parts);
}
