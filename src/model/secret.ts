import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that cannot be printed: template strings, JSON, `util.inspect` and loggers all show `[secret]`.
 * The text itself comes out by `reveal()` alone, so every place that uses a secret can be found by that word.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret text. Call it only where the text goes on the wire or into the token store. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

/** Text of a configuration: plain, or secret when a `${…}` reference stood in it. */
export type Text = string | Secret;

/** The characters of a `Text`, to be sent. Never log what this returns. */
export function revealText(text: Text): string {
  return typeof text === 'string' ? text : text.reveal();
}
