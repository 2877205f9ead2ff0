import type { CheckIdentity } from '../model/result.ts';

/** The labels of a check that say something: to Prometheus an empty label is an absent one, and so it is to people. */
export function toldLabels({ labels }: CheckIdentity): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
