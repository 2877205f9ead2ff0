/** A whole answer of Vault, whatever its status. */
export interface VaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when the body is no JSON. May hold secrets. */
  readonly json: unknown;
  /** What Vault says is wrong: for people, without secrets. */
  readonly errors: readonly string[];
  /** When the request was sent, in monotonic milliseconds: what the answer says of durations counts from there. */
  readonly sentMs: number;
  readonly url: string;
}

const mostErrors = 3;
const longestError = 200;

/** What stands under `errors`, masked before it is cut: a backend may quote what it was given. */
export function errorsOf(json: unknown, mask: (text: string) => string): readonly string[] {
  const errors: unknown = typeof json === 'object' && json !== null && 'errors' in json ? json.errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, mostErrors).map((error) => {
    const line = mask(String(error)).replaceAll(/[\s\p{Cc}]+/gu, ' ');
    return line.trim().slice(0, longestError);
  });
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
