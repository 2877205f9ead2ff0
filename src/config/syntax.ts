import type { ErrorCode, YAMLError } from 'yaml';

const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_SCALAR_START: 'a text cannot begin with this character; quote it',
  BAD_INDENT: 'a bracket is not closed, or this line is not indented far enough',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " stands on this line, or the next line is indented too far; quote a text that holds ": "',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line; is a ":" missing, or a line indented too far?',
  MULTIPLE_DOCS: 'a second document begins here; expected one document a file: put the other into a file of its own',
  RESOURCE_EXHAUSTION: 'is nested too deeply; expected far fewer levels',
  TAB_AS_INDENT: 'a tab is used for indentation; expected spaces',
};

/**
 * Within braces and brackets YAML ends an unquoted text at a brace or bracket, so `{ a: ${env:X} }` and
 * `{ json: $.a[0] }` are broken although they look right.
 */
function cutsText(text: string, offset: number): boolean {
  const before = text.slice(Math.max(0, offset - 200), offset).replace(/^.*\s/s, '');
  return /[{[]/.test(text.charAt(offset)) && before !== '' && !/^["']/.test(before);
}

/** Says in plain words what the YAML parser found wrong. */
export function describeSyntaxError({ code, message, pos: [offset] }: YAMLError, text: string): string {
  if (code === 'UNEXPECTED_TOKEN' && cutsText(text, offset))
    return `"${text.charAt(offset)}" ends the text before it here; quote it: within braces or brackets, a text such as "\${env:NAME}" or "$.a[0]" needs quotes`;
  if (code === 'UNEXPECTED_TOKEN' && message.startsWith('Unexpected scalar at node end'))
    return 'text follows a closed bracket or quote; quote the whole text';
  return sentences[code] ?? `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
