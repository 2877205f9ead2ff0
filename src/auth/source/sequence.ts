/** Acts that must not overlap. */
export interface Sequence {
  /** Begins an act, at once where nothing is under way, else when all before it have ended. Rejects as the act does. */
  run<Value>(act: () => Promise<Value>): Promise<Value>;
  isUnderWay(): boolean;
  /** Resolves when nothing is under way any more. */
  ended(): Promise<void>;
}

/** `idle` is called each time that the last act has ended. */
export function createSequence(idle: () => void): Sequence {
  let last: Promise<void> | undefined;
  return {
    run(act) {
      const result = last ? last.then(act) : act();
      const end = () => {
        if (last !== ending) return;
        last = undefined;
        idle();
      };
      const ending: Promise<void> = result.then(end, end);
      last = ending;
      return result;
    },
    isUnderWay: () => last !== undefined,
    async ended() {
      while (last) await last;
    },
  };
}
