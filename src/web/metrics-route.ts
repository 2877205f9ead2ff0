import { prefersOpenMetrics } from './accepts.ts';
import { type CompressedText, compressText } from './compressed-text.ts';
import type { Route } from './route.ts';
import type { Views } from './views.ts';

/** A scrape that is being written. */
interface Scrape {
  readonly contentType: string;
  readonly body: CompressedText;
}

/**
 * `/metrics`. Scrapes that come while one in the same format is being written share it: that work is done for one at a
 * time, however many ask.
 */
export function createMetricsRoute(render: Views['metrics']): Route {
  /** By format. */
  const underWay = new Map<boolean, Promise<Scrape>>();

  const begin = async (openMetrics: boolean): Promise<Scrape> => {
    const { contentType, pieces } = await render(openMetrics);
    return { contentType, body: compressText(pieces) };
  };
  const share = (openMetrics: boolean): Promise<Scrape> => {
    const known = underWay.get(openMetrics);
    if (known) return known;
    const scrape = begin(openMetrics);
    underWay.set(openMetrics, scrape);
    const forget = () => underWay.delete(openMetrics);
    void scrape.then(({ body }) => body.ended.then(forget), forget);
    return scrape;
  };
  return {
    method: 'GET',
    path: '/metrics',
    served: 'anywhere',
    answer: async ({ request }) => ({ status: 200, ...(await share(prefersOpenMetrics(request.headers.accept))) }),
  };
}
