/** What could be a header or an assignment in the place of its name, and so hold a secret. */
const plainKey = /^(?:[\w.$-]{0,100}|[a-z_ -]{1,30})$/;

/** A key as messages show it. */
export function showKey(key: string | number): string {
  return plainKey.test(String(key)) ? String(key) : '…';
}
