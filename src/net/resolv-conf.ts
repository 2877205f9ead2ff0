/** How short names are completed (resolv.conf(5)). */
export interface SearchRules {
  readonly domains: readonly string[];
  /** A name with at least this many dots is first asked for as it is. */
  readonly ndots: number;
}

const mostDots = 15;

/** Reads `search`, `domain` and `options ndots:` of a resolv.conf; the last `search` or `domain` wins. */
export function parseSearchRules(text: string): SearchRules {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'search') domains = words;
    if (keyword === 'domain') domains = words.slice(0, 1);
    if (keyword !== 'options') continue;
    for (const word of words) {
      const dots = /^ndots:(\d+)$/.exec(word);
      if (dots) ndots = Math.min(Number(dots[1]), mostDots);
    }
  }
  return { domains: domains.map((domain) => domain.replace(/^\.|\.$/g, '')).filter((domain) => domain !== ''), ndots };
}

/** The full names that a host name may stand for, in the order in which they are asked. */
export function searchNames(host: string, { domains, ndots }: SearchRules): readonly string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  const completed = domains.map((domain) => `${host}.${domain}`);
  const dots = host.split('.').length - 1;
  return dots >= ndots ? [host, ...completed] : [...completed, host];
}
