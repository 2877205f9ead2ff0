/** Who waits, in the order of arrival. No step costs more the longer the line is. */
export interface WaitingLine<Waiter> {
  readonly length: number;
  /** Who has waited longest; undefined when nobody waits. */
  first(): Waiter | undefined;
  /** Stands at the end. What it returns leaves from wherever that is by then. */
  join(waiter: Waiter): () => void;
}

/** Linked to its neighbours: an array would be moved up, or searched, for each who leaves. */
interface Place<Waiter> {
  readonly waiter: Waiter;
  isLeft: boolean;
  ahead: Place<Waiter> | undefined;
  behind: Place<Waiter> | undefined;
}

export function createWaitingLine<Waiter>(): WaitingLine<Waiter> {
  let front: Place<Waiter> | undefined;
  let end: Place<Waiter> | undefined;
  let length = 0;

  const leave = (place: Place<Waiter>) => {
    if (place.isLeft) return;
    const { ahead, behind } = place;
    // The collector would keep all who stood behind for as long as it keeps one that has left.
    Object.assign(place, { isLeft: true, ahead: undefined, behind: undefined });
    if (ahead) ahead.behind = behind;
    else front = behind;
    if (behind) behind.ahead = ahead;
    else end = ahead;
    length -= 1;
  };

  return {
    get length() {
      return length;
    },
    first: () => front?.waiter,
    join(waiter) {
      const place: Place<Waiter> = { waiter, isLeft: false, ahead: end, behind: undefined };
      if (end) end.behind = place;
      else front = place;
      end = place;
      length += 1;
      return () => leave(place);
    },
  };
}
