/**
 * Values that are dear to make, by what they are made from. The last `limit` are kept, so that years of renewed
 * certificates do not pile up. What `make` throws is passed on, and nothing is kept of it.
 */
export function createRemembered<Key, Value extends object>(limit: number): (key: Key, make: () => Value) => Value {
  const values = new Map<Key, Value>();
  return (key, make) => {
    const known = values.get(key);
    if (known) return known;
    const value = make();
    values.set(key, value);
    for (const oldest of values.keys()) {
      if (values.size <= limit) break;
      values.delete(oldest);
    }
    return value;
  };
}
