/** One challenge of a `WWW-Authenticate` header. Scheme and parameter names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const tokenCharacters = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const blanks = /[ \t]*/y;
const separators = /[ \t,]*/y;
/** An unquoted value; wider than the grammar, which many servers break. */
const bareValue = /[^\s,"]+/y;
const equalsSign = /[ \t]*=[ \t]*/y;

/**
 * Reads a header from left to right; `take` gives the empty text where its pattern does not match. Each pattern is
 * sticky, so every character is looked at a bounded number of times.
 */
function createReader(text: string) {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [''];
    at += found.length;
    return found;
  };
  const takeQuoted = (): string | undefined => {
    if (text[at] !== '"') return undefined;
    let value = '';
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
      // RFC 9110 section 5.6.4: a backslash makes the next character plain.
      if (text[at] === '\\' && at + 1 < text.length) at += 1;
      value += text[at];
    }
    at += 1;
    return value;
  };
  const skipOne = () => {
    at += 1;
  };
  return { take, takeQuoted, skipOne, ended: () => at >= text.length };
}

/**
 * Reads a `WWW-Authenticate` header (RFC 9110 section 11.6.1), whose challenges and parameters are both set apart by
 * commas. Bears what servers get wrong: commas that are missing, quotes that do not end, stray words. Never throws;
 * what cannot be understood is left out. Of a parameter that comes twice the first one counts.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const reader = createReader(header);
  const challenges: Challenge[] = [];
  let parameters = new Map<string, string>();
  let atStart = true;

  while (!reader.ended()) {
    const separator = reader.take(separators);
    const mayBegin = atStart || separator.includes(',');
    atStart = false;
    const word = reader.take(tokenCharacters).toLowerCase();
    if (word === '') {
      if (reader.takeQuoted() === undefined) reader.skipOne();
      continue;
    }
    if (reader.take(equalsSign) !== '') {
      const value = reader.takeQuoted() ?? reader.take(bareValue);
      if (!parameters.has(word)) parameters.set(word, value);
    } else if (mayBegin) {
      parameters = new Map();
      challenges.push({ scheme: word, parameters });
      reader.take(blanks);
      reader.take(token68);
    }
  }
  return challenges;
}
