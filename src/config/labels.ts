/** A label name of Prometheus that no metric of sonde's uses, and that Prometheus does not keep for itself. */
export const labelPattern = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;

/** What metrics of sonde, of Prometheus and of its usual set-ups mean by a label is not for checks to redefine. */
const takenLabels: ReadonlySet<string> = new Set([
  'job',
  'instance',
  'check',
  'cause',
  'blame',
  'outcome',
  'phase',
  'version',
  'kind',
  'target',
  'token',
  'budget',
  'le',
  'quantile',
]);

/** Why a name cannot be used as a label; undefined when it can. */
export function labelFault(name: string): string | undefined {
  if (!labelPattern.test(name)) return 'expected letters, digits and "_", not beginning with a digit';
  if (name.startsWith('__') || takenLabels.has(name)) return 'expected another name: sonde or Prometheus use this one';
  return undefined;
}

/**
 * Gives all checks the same set of labels, since a metric has one: what only some checks have is empty in the others,
 * and for Prometheus an empty label is an absent one.
 */
export function levelLabels<Check extends { readonly labels: Readonly<Record<string, string>> }>(
  checks: readonly Check[],
): Check[] {
  const names = [...new Set(checks.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const level = (labels: Readonly<Record<string, string>>) =>
    Object.fromEntries(names.map((name) => [name, labels[name] ?? '']));
  return checks.map((check) => ({ ...check, labels: level(check.labels) }));
}
