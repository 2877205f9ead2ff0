/**
 * Text of another's making, for a terminal: it must not move the cursor, retitle the window or turn the line around, so
 * such characters are shown by their numbers.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
