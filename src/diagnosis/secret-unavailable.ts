import { type Evidence, type Outcome, troubled } from '../model/cause.ts';
import type { MissingSecret } from '../model/check.ts';
import { quote } from './quote.ts';

/** How a run ends that lacks a secret: it asks nothing, and says which reference it waits for. */
export function secretUnavailable({ reference, problem }: MissingSecret, evidence: Evidence = {}): Outcome {
  return troubled('secret_unavailable', `${quote(reference)} cannot be had: ${quote(problem)}`, {
    ...evidence,
    reference: quote(reference),
  });
}
