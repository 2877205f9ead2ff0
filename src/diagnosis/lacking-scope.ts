import { type Evidence, type Outcome, troubled } from '../model/cause.ts';
import { evidenceOf } from './evidence.ts';
import { quoteAll } from './quote.ts';
import type { SentToken } from './sent-token.ts';

/** Scopes out of a list that a token was not granted; all of them when what it was granted is not known. */
function without(granted: readonly string[] | undefined, scopes: readonly string[]): readonly string[] {
  return granted ? scopes.filter((scope) => !granted.includes(scope)) : scopes;
}

/** Scopes that the check says it needs, and that its token is known to lack. */
export function knownLack({ view, needs }: SentToken): readonly string[] {
  return view.scopes ? without(view.scopes, needs) : [];
}

/**
 * A refusal for want of a scope: the missing ones are those that the target names, and where it names none those that
 * the check says it needs; in both cases less those that the issuer granted.
 */
export function lacksScope(
  answered: string,
  named: readonly string[],
  token: SentToken | undefined,
  evidence: Evidence,
): Outcome {
  const granted = token?.view.scopes;
  const required = quoteAll(named.length > 0 ? named : (token?.needs ?? []));
  const missing = without(granted, required);
  return troubled('insufficient_scope', `${answered}: ${lack(named, required, missing)}`, {
    ...evidence,
    ...evidenceOf({
      required_scopes: required,
      granted_scopes: granted && quoteAll(granted),
      missing_scopes: missing,
    }),
  });
}

function lack(named: readonly string[], required: readonly string[], missing: readonly string[]): string {
  if (named.length > 0 && missing.length === 0)
    return `the token lacks ${required.join(' ')}, which the issuer says that it granted`;
  if (missing.length === 0) return 'the token lacks a scope that the target does not name';
  const source = named.length > 0 ? '' : ', which the check says that it needs';
  return `the token lacks ${missing.join(' ')}${source}`;
}
