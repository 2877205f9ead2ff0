/** RFC 9110 section 5.6.7; the two obsolete forms are not read. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Milliseconds since 1970 of an HTTP date such as the `Date` header; undefined when it is none. */
export function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || !httpDate.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * When an answer was made by its own `Date`, in milliseconds since 1970; header names in lower case. Undefined without
 * one, and for an answer out of a cache: that has the `Date` of an earlier one and says so by `Age` (RFC 9111 section
 * 5.1), so it tells nothing of now.
 */
export function answerDateMs(headers: Readonly<Record<string, string>> = {}): number | undefined {
  const { date, age = '0' } = headers;
  return /^0+$/.test(age) ? parseHttpDate(date) : undefined;
}
