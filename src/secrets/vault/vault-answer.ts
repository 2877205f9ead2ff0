import { z } from 'zod';

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

/** No lease and no token lives as long; a date beyond it may be none. */
const longestSeconds = 10 * 365 * 86_400;

const raw = z.object({ rawJSON: z.string().transform(Number).pipe(z.number()) }).transform(({ rawJSON }) => rawJSON);

/** A duration in an answer, in seconds: at most ten years. */
export const seconds = z
  .union([z.number(), raw])
  .pipe(z.number().nonnegative())
  .transform((value) => Math.min(value, longestSeconds));

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

declare global {
  /** Of ECMAScript 2026: Node.js has it, and TypeScript does not describe it yet. */
  interface JSON {
    rawJSON(text: string): { readonly rawJSON: string };
  }
}

/**
 * The value of a JSON text; undefined when it is none. A number that JavaScript would write in another way, such as
 * `1.10` or one of more digits than it keeps, is a `JSON.rawJSON`, and so is written again as it was.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, ...[context]: readonly { readonly source?: string }[]) => {
      const source = context?.source;
      return typeof value === 'number' && source !== undefined && source !== String(value)
        ? JSON.rawJSON(source)
        : value;
    });
  } catch {
    return undefined;
  }
}
