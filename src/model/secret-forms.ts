/** A shorter form would be found in every second word. */
export const shortestForm = 6;

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/**
 * What base64 makes of a text wherever it stands within other text (`id:secret` of Basic authentication): three
 * alignments, without the characters that depend on the neighbours.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil((shift * 8) / 6);
    const core = encoded.slice(first, Math.floor(((shift + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function hexadecimalForms(text: string): string[] {
  const digits = Buffer.from(text).toString('hex');
  return [digits, digits.toUpperCase()];
}

/**
 * The ways to write a secret value that change it as a whole: base64, and hexadecimal; beside the value itself. Escapes of
 * single characters are taken back by `viewsOf` instead. Those of fewer than `shortestForm` characters are left out.
 */
export function secretForms(value: string): string[] {
  const wellFormed = value.toWellFormed();
  const forms = new Set([
    value,
    // A form writes a space so, and nothing but a form reads it so.
    value.replaceAll(' ', '+'),
    // The values of headers are read as one byte a character (RFC 9110 section 5.5).
    Buffer.from(wellFormed).toString('latin1'),
    ...[value, encodeURIComponent(wellFormed), formEncoded(wellFormed)].flatMap((text) => [
      ...base64Forms(text),
      ...hexadecimalForms(text),
    ]),
  ]);
  return [...forms].filter((form) => form.length >= shortestForm);
}
