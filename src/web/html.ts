/** Text that is HTML already, and not to be escaped again. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Hole = Html | string | number | undefined | readonly Hole[];

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Makes HTML of a template. What stands in `${}` is escaped for text and for quoted attributes, unless it is HTML made
 * by this same tag; lists are joined and `undefined` is nothing.
 */
export function html(strings: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return new Html(strings.reduce((page, string, index) => page + fill(holes[index - 1]) + string));
}

function fill(hole: Hole): string {
  if (hole === undefined) return '';
  if (hole instanceof Html) return hole.text;
  if (typeof hole === 'object') return hole.map(fill).join('');
  return String(hole).replace(/[&<>"']/g, (character) => escapes[character] as string);
}
