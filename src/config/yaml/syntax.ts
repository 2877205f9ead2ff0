import type { ErrorCode, YAMLError } from 'yaml';

const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS: 'what begins with "*" or "&" is an alias or an anchor; quote a text that begins so',
  BAD_DIRECTIVE: 'a line that begins with "%" is a directive; quote a text that begins so',
  BAD_DQ_ESCAPE: 'a "\\" within double quotes begins no escape that YAML knows; use single quotes',
  BAD_SCALAR_START: 'a text cannot begin with this character; quote it',
  BAD_INDENT: 'a bracket is not closed, or this line is not indented far enough',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " stands on this line, or the next line is indented too far; quote a text that holds ": "',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line; is a ":" missing, or a line indented too far?',
  MULTIPLE_DOCS: 'a second document begins here; expected one document a file: put the other into a file of its own',
  RESOURCE_EXHAUSTION: 'is nested too deeply; expected far fewer levels',
  TAG_RESOLVE_FAILED: 'what begins with "!" is a tag, and tags are not read; quote a text that begins so',
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

/** Of these messages of the parser each is the same whatever stands in the file. */
const fixedMessages: ReadonlySet<ErrorCode> = new Set(['MISSING_CHAR', 'ALIAS_PROPS', 'BLOCK_IN_FLOW']);

/** Says in plain words what the YAML parser found wrong. Shows no text of the file: it may be a secret. */
export function describeSyntaxError({ code, message, pos: [offset] }: YAMLError, text: string): string {
  if (code === 'UNEXPECTED_TOKEN' && cutsText(text, offset))
    return `"${text.charAt(offset)}" ends the text before it here; quote it: within braces or brackets, a text such as "\${env:NAME}" or "$.a[0]" needs quotes`;
  if (code === 'UNEXPECTED_TOKEN' && message.startsWith('Unexpected scalar at node end'))
    return 'text follows a closed bracket or quote; quote the whole text';
  if (code === 'UNEXPECTED_TOKEN' && message.startsWith('Block scalar header'))
    return 'what begins with "|" or ">" is a text over several lines; quote a text on one line that begins so';
  if (fixedMessages.has(code)) return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  return sentences[code] ?? 'this cannot be read as YAML; quote a text with special characters in it';
}
