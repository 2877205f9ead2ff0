import { joinPath } from './check-tree.ts';
import { createShow, type Effective, type Shown } from './effective.ts';
import { scalarsOf } from './yaml/tree.ts';

/** A value that two configurations do not share. */
export interface Difference {
  readonly path: string;
  /** Absent where only the other one has a value. */
  readonly from?: Shown;
  readonly to?: Shown;
}

function valuesOf(effective: Effective): Map<string, Shown> {
  const show = createShow(effective);
  return new Map([...scalarsOf(effective.content)].map(([scalar, path]) => [joinPath(path), show(scalar)]));
}

function isSame(one: Shown | undefined, other: Shown | undefined): boolean {
  if (!one || !other || one.kind !== other.kind || one.reference !== other.reference) return false;
  if (one.kind === 'unresolved') return true;
  if (one.kind === 'secret') return other.kind === 'secret' && one.value.reveal() === other.value.reveal();
  return other.kind === 'plain' && one.text === other.text;
}

/** What differs between two configurations, value by value, in the order of the first. */
export function compareConfigurations(from: Effective, to: Effective): readonly Difference[] {
  const [before, after] = [valuesOf(from), valuesOf(to)];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path) => {
    const [one, other] = [before.get(path), after.get(path)];
    return isSame(one, other) ? [] : [{ path, ...(one && { from: one }), ...(other && { to: other }) }];
  });
}
