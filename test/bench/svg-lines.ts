import { shownNumber } from './figures.ts';
import { colourOf, line, picture, rectangle, text } from './svg.ts';

export interface Line {
  readonly name: string;
  /** By rising `x`, with the least and the greatest round of each. */
  readonly points: readonly {
    readonly x: number;
    readonly value: number;
    readonly least: number;
    readonly most: number;
  }[];
}

interface LinePicture {
  readonly title: string;
  /** The units of the axes. */
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

const [width, height] = [760, 340];
const frame = { left: 70, right: 740, top: 58, bottom: 290 } as const;
const pale = '#ddd';

/** From here on an axis shows powers: else what is near nought lies on one spot. */
const wideRatio = 20;

/** Rounds up to 1, 2 or 5 and noughts. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((digit) => digit * power >= value) ?? 10) * power;
}

/** At most six even ticks from nought over the greatest value. */
export function ticksUpTo(most: number): readonly number[] {
  if (!(most > 0)) return [0, 1];
  const step = roundStep(most / 5);
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) => index * step);
}

/** Where an `x` stands between the least (0) and the greatest (1). */
function placing(xs: readonly number[]): (x: number) => number {
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  if (least === most) return () => 0.5;
  if (least > 0 && most / least >= wideRatio) return (x) => Math.log(x / least) / Math.log(most / least);
  return (x) => (x - least) / (most - least);
}

/** Lines over a shared axis, each point with a whisker from its least to its greatest round. */
export function drawLines({ title, x, y, lines }: LinePicture): string {
  const points = lines.flatMap((own) => own.points);
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const ticks = ticksUpTo(Math.max(...points.map(({ most }) => most)));
  const place = placing(xs);
  const atX = (value: number) => frame.left + 20 + place(value) * (frame.right - frame.left - 40);
  const atY = (value: number) => frame.bottom - (value / (ticks.at(-1) ?? 1)) * (frame.bottom - frame.top);
  const axes = [
    ...ticks.flatMap((tick) => [
      line(frame.left, atY(tick), frame.right, atY(tick), { colour: pale }),
      text(frame.left - 8, atY(tick) + 4, shownNumber(tick), { anchor: 'end' }),
    ]),
    ...xs.map((value) => text(atX(value), frame.bottom + 18, shownNumber(value), { anchor: 'middle' })),
    text(frame.left - 8, frame.top - 14, y, { anchor: 'end' }),
    text((frame.left + frame.right) / 2, frame.bottom + 38, x, { anchor: 'middle' }),
  ];
  const drawn = lines.flatMap((own, index) => {
    const colour = colourOf(index);
    const path = own.points.map((point) => `${atX(point.x).toFixed(1)},${atY(point.value).toFixed(1)}`).join(' ');
    return [
      rectangle(frame.left + index * 170, 31, 12, 12, colour),
      text(frame.left + index * 170 + 18, 41, own.name),
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...own.points.flatMap((point) => [
        line(atX(point.x), atY(point.least), atX(point.x), atY(point.most), { colour, width: 1.5 }),
        `<circle cx="${atX(point.x).toFixed(1)}" cy="${atY(point.value).toFixed(1)}" r="3.5" fill="${colour}"/>`,
      ]),
    ];
  });
  return picture(title, width, height, [text(12, 20, title, { bold: true }), ...axes, ...drawn]);
}
