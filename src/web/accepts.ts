/** Whether a client prefers OpenMetrics, or likes it as well as the text format (RFC 9110 section 12.5.1). */
export function prefersOpenMetrics(accept = ''): boolean {
  const weights = weightsOf(accept);
  const weight = weights.get('application/openmetrics-text') ?? 0;
  return weight > 0 && weight >= (weights.get('text/plain') ?? 0);
}

/** Whether a client takes gzip, and would not rather have the text as it is (RFC 9110 section 12.5.3). */
export function acceptsGzip(acceptEncoding = ''): boolean {
  const weights = weightsOf(acceptEncoding);
  const any = weights.get('*');
  const weight = weights.get('gzip') ?? weights.get('x-gzip') ?? any ?? 0;
  return weight > 0 && weight >= (weights.get('identity') ?? any ?? 0);
}

/** The values that a list names, in lower case, each with the highest `q` that it stands with. A `q` that is no number is 0. */
function weightsOf(list: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const entry of list.toLowerCase().split(',')) {
    const [value = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1) || 0;
    weights.set(value, Math.max(weight, weights.get(value) ?? 0));
  }
  return weights;
}
