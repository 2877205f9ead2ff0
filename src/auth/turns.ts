/** Runs one act after another of those that have the same key; others go on beside them. Rejects as the act does. */
export type Turns = <T>(key: string, act: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, act) => {
    const result = Promise.resolve(last.get(key)).then(act);
    const ended = result.then(
      () => {},
      () => {},
    );
    last.set(key, ended);
    void ended.then(() => {
      if (last.get(key) === ended) last.delete(key);
    });
    return result;
  };
}
