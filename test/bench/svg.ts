const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it stands in SVG, between tags and in quotes. */
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);

/** Told apart by people who see colours otherwise too (after Okabe and Ito), on white. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

/** The colour of a side, by its place among the sides of a picture. */
export const colourOf = (index: number): string => colours[index % colours.length] ?? colours[0];

const rounded = (value: number) => Math.round(value * 10) / 10;

interface Stroke {
  readonly colour: string;
  readonly width?: number;
}

export function line(x1: number, y1: number, x2: number, y2: number, { colour, width = 1 }: Stroke): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(rounded);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="${colour}" stroke-width="${width}"/>`;
}

interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly colour?: string;
}

export function text(x: number, y: number, words: string, { anchor = 'start', bold, colour }: TextStyle = {}): string {
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}" fill="${colour ?? '#222'}"${weight}>${escaped(words)}</text>`;
}

export function rectangle(x: number, y: number, width: number, height: number, colour: string): string {
  const [a, b, c, d] = [x, y, width, height].map(rounded);
  return `<rect x="${a}" y="${b}" width="${c}" height="${d}" fill="${colour}"/>`;
}

/** A whole picture on white, so that it can be read on dark pages too. */
export function picture(title: string, width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    rectangle(0, 0, width, height, '#fff'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
