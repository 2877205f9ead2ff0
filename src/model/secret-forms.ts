/** A shorter form would be found in every second word. */
export const shortestForm = 6;

const lowerHex = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());

function urlForms(text: string): string[] {
  const wellFormed = text.toWellFormed();
  const component = encodeURIComponent(wellFormed);
  const form = new URLSearchParams({ '': wellFormed }).toString().slice(1);
  return [component, form, lowerHex(component), lowerHex(form)];
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

/**
 * All the ways in which a secret value may be written in what others say: as it is, for an address, for a form, within
 * JSON, and in base64. Those of fewer than `shortestForm` characters are left out.
 */
export function secretForms(value: string): string[] {
  const texts = [value, ...urlForms(value)];
  const json = JSON.stringify(value).slice(1, -1);
  const forms = new Set([...texts, json, json.replaceAll('/', '\\/'), ...texts.flatMap(base64Forms)]);
  return [...forms].filter((form) => form.length >= shortestForm);
}
