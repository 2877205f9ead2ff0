/** A fault as a person sees it. */
interface FaultView<Name extends string> {
  readonly name: Name;
  readonly sentence: string;
  /** Where it is on: a path, or `*` for everywhere. Empty when it is off. */
  readonly on: readonly string[];
}

/** Breaks and heals a server of the lab while it runs. */
export interface FaultSwitch<Name extends string> {
  list(): readonly FaultView<Name>[];
  /** Breaks everything, or one path alone; what was broken there before is no more. */
  set(name: Name, path?: string): Promise<void>;
  /** Heals one fault wherever it is on, or all. */
  clear(name?: Name): Promise<void>;
  /** The fault that a request to `path` meets: the path's own before the one for all. */
  on(path: string): Name | undefined;
}

const everywhere = '*';

/** `apply` is told of all faults that are on, each time that this changes. */
export function createFaultSwitch<Name extends string>(
  table: Readonly<Record<Name, { readonly sentence: string }>>,
  apply: (active: readonly Name[]) => Promise<void>,
): FaultSwitch<Name> {
  const active = new Map<string, Name>();
  const placesOf = (name: Name) => [...active].filter(([, on]) => on === name).map(([path]) => path);
  return {
    list: () =>
      (Object.keys(table) as Name[]).map((name) => ({ name, sentence: table[name].sentence, on: placesOf(name) })),
    set(name, path = everywhere) {
      active.set(path, name);
      return apply([...active.values()]);
    },
    clear(name) {
      for (const path of name === undefined ? [...active.keys()] : placesOf(name)) active.delete(path);
      return apply([...active.values()]);
    },
    on: (path) => active.get(path) ?? active.get(everywhere),
  };
}
