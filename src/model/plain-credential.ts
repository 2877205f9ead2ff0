/** Stands for a reference in a text whose literal parts are judged: a character that means nothing. */
export const hole = '\uE000';

const armour = /-----(?:BEGIN|END) [A-Z\d ]+-----/g;
const hasText = /[\p{L}\p{N}]/u;

/**
 * The parts of a credential that stand in it as they are; none where references bring all of it. Punctuation between
 * references is no secret, and neither is the armour of PEM.
 */
export function plainParts(text: string): readonly string[] {
  if (!text.includes(hole)) return text === '' ? [] : [text];
  return text
    .replace(armour, '')
    .split(hole)
    .filter((part) => hasText.test(part));
}

const knownScheme = 'Basic|Bearer|DPoP|Token|ApiKey|Digest|Negotiate';
/** RFC 9110 section 11.4: a scheme, and a space before what is secret. */
const schemeOfAuthorization = /^\s*(?:[A-Za-z]{2,16}|AWS4-HMAC-SHA256)(?:\s+|$)/;
const schemeOfOthers = new RegExp(`^\\s*(?:${knownScheme})(?:\\s+|$)`, 'i');
const schemeAlone = new RegExp(`^\\s*(?:${knownScheme})\\s*$`, 'i');

/** `token="${…}"` is as much brought by a reference as `${…}`. */
const parameter = new RegExp(`[\\w-]+="?${hole}"?`, 'g');

/** What a header says before its credential, and what of the credential stands there as it is. */
export function readSchemed(
  text: string,
  isAuthorization: boolean,
): { readonly scheme: string; readonly plain: readonly string[] } {
  if (schemeAlone.test(text)) return { scheme: text, plain: [] };
  const [found = ''] = (isAuthorization ? schemeOfAuthorization : schemeOfOthers).exec(text) ?? [];
  // A word with nothing behind it is no scheme.
  const scheme = found.length === text.length ? '' : found;
  return { scheme, plain: plainParts(text.slice(scheme.length).replace(parameter, hole)) };
}
