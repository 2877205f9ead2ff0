import type { Place } from '../model/place.ts';
import type { Secret } from '../model/secret.ts';
import type { Problem, Report } from './problem.ts';
import type { References } from './references.ts';
import type { Path } from './yaml/tree.ts';

/** A credential as it is written in a configuration. */
export interface Credential {
  /** From the top of the configuration. */
  readonly path: Path;
  readonly place: Place;
  /** Where it stands, for messages: `tokens.claude.client_secret`. */
  readonly label: string;
  /** The parts of it that stand in the file as they are; none where references bring all of it. */
  readonly plain: readonly Secret[];
  /** The line to write instead; holds nothing of it. */
  readonly mend: string;
}

/** What is read with that may hold secrets. */
export interface SecretContext {
  readonly report: Report;
  readonly references: References;
}

/** Text over several lines is at home in a file, not in a variable. */
const keyNames: ReadonlySet<string> = new Set(['private_key', 'client_key', 'dpop_key']);

/** What to write instead of a secret: a reference whose name is made of where the secret stands. */
export function referenceFor(...names: readonly string[]): string {
  const words = names.join('_').replace(/[^A-Za-z0-9]+/g, '_');
  if (keyNames.has(names.slice(1).join('_'))) return `\${file:/run/secrets/${words.toLowerCase()}.pem}`;
  return `\${env:${words.replace(/^(?=\d)/, 'SONDE_').toUpperCase()}}`;
}

/** The line that a value stands on: `client_secret: …`, or `- …` in a list. */
export function lineFor(path: Path, value: string): string {
  const key = path.at(-1);
  return typeof key === 'number' ? `- ${value}` : `${key}: ${value}`;
}

/** A secret in plain text, as the mistake that it is. */
export function refusePlain({ place, label, mend }: Credential): Problem {
  return { ...place, message: `${label} is a secret in plain text; expected a reference, such as "${mend}"` };
}

/** The same, where it was asked for. */
export function allowPlain({ place, label }: Credential): Problem {
  return { ...place, message: `${label} is a secret in plain text, which allow_plaintext_secrets lets stand` };
}
