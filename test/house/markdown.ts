/** A fenced block of a Markdown page. */
export interface Block {
  /** What stands after the fence: `yaml`, `yaml fragment`, … */
  readonly info: string;
  readonly text: string;
  /** The line of the fence, from 1. */
  readonly line: number;
}

interface Link {
  readonly target: string;
  readonly line: number;
}

interface Page {
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** The cells of all tables, row by row, without the ruling under their heads. */
  readonly rows: readonly (readonly string[])[];
  /** The names by which GitHub links to the headings. */
  readonly anchors: ReadonlySet<string>;
}

const fence = /^(\s*)(`{3,}|~{3,})(.*)$/;
const link = /!?\[[^\]]*\]\(([^()\s]+(?:\([^()\s]*\))?)[^)]*\)/g;
const definition = /^\[[^\]]+\]:\s+(\S+)/;
const row = /^\s*\|(.*)\|\s*$/;
const heading = /^#{1,6}\s+(.*)$/;

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** Takes a page apart, as far as the tests of the docs need it. */
export function readPage(text: string): Page {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const rows: string[][] = [];
  const anchors = new Set<string>();
  let open:
    | { readonly mark: string; readonly indent: number; readonly block: Block; readonly lines: string[] }
    | undefined;

  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1;
    const [, space = '', mark = '', info = ''] = fence.exec(content) ?? [];
    if (open) {
      if (mark.startsWith(open.mark) && info.trim() === '') {
        blocks.push({ ...open.block, text: open.lines.join('\n') });
        open = undefined;
      } else open.lines.push(content.slice(open.indent));
    } else if (mark !== '') {
      open = { mark, indent: space.length, block: { info: info.trim(), text: '', line }, lines: [] };
    } else {
      const prose = content.replace(/`[^`]*`/g, '``');
      const cells = row
        .exec(content)?.[1]
        ?.split('|')
        .map((cell) => cell.trim());
      if (cells?.some((cell) => !/^:?-+:?$/.test(cell))) rows.push(cells);
      const title = heading.exec(content)?.[1];
      if (title !== undefined) anchors.add(anchorOf(title));
      const targets = [...prose.matchAll(link)].map(([, target]) => target);
      for (const target of [...targets, definition.exec(prose)?.[1]]) if (target) links.push({ target, line });
    }
  }
  if (open) throw new Error(`the block of line ${open.block.line} does not end`);
  return { blocks, links, rows, anchors };
}
