import { nearest } from '../model/nearest.ts';
import { parseVaultName } from './vault/vault-name.ts';

/** Where the value of a reference comes from. */
const schemes = ['env', 'file', 'vault'] as const;

/** A `${scheme:name}` in a text of the configuration. */
export interface Reference {
  readonly scheme: (typeof schemes)[number];
  readonly name: string;
  /** As it is written, for messages. */
  readonly text: string;
}

/** A text taken apart: literal pieces (with `$${` read as `${`) and references. */
export interface ReferenceText {
  readonly pieces: readonly (string | Reference)[];
  /** What is wrong with a reference; the second half says what is expected. */
  readonly problem?: string;
}

/** An escape, a reference, or one that is never closed. */
const pattern = /\$\$\{|\$\{([^}]*)(\}?)/g;

const shown = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const orLiteral = 'or "$${" for the characters themselves';

/** The reference in `${inner}`, or what is wrong with it. */
function readReference(text: string, inner: string, closed: boolean): Reference | string {
  const written = shown(text);
  if (!closed) return `"${written}" is not closed; expected a "}", ${orLiteral}`;
  const [, source = '', name = ''] = /^([^:]*):(.*)$/s.exec(inner) ?? [];
  const scheme = schemes.find((known) => known === source);
  if (scheme === 'vault' && name !== '' && !parseVaultName(name))
    return `"${written}" names no secret of Vault; expected \${vault:MOUNT/PATH#KEY}`;
  if (scheme && name !== '') return { scheme, name, text };
  if (/^\w+$/.test(inner)) return `"${written}" names no source; did you mean "\${env:${shown(inner)}}"?`;
  const meant = scheme === undefined && name !== '' ? nearest(source, schemes) : undefined;
  if (meant) return `"${written}" is no reference; did you mean "\${${meant}:${shown(name)}}"?`;
  return `"${written}" is no reference; expected \${env:NAME}, \${file:PATH} or \${vault:MOUNT/PATH#KEY}, ${orLiteral}`;
}

/** Takes a text apart at its references. */
export function parseReferences(text: string): ReferenceText {
  const pieces: (string | Reference)[] = [];
  let problem: string | undefined;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [found, inner, close] = match;
    const reference = inner === undefined ? '${' : readReference(found, inner, close === '}');
    if (match.index > end) pieces.push(text.slice(end, match.index));
    end = match.index + found.length;
    if (typeof reference === 'string' && inner !== undefined) problem ??= reference;
    else pieces.push(reference);
  }
  if (end < text.length) pieces.push(text.slice(end));
  return problem === undefined ? { pieces } : { pieces, problem };
}
