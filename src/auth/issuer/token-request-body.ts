import type { FetchRequest } from './issuer-door.ts';

/**
 * The same request with its parameters as a JSON object instead of a form, for issuers that want that: one that comes
 * more than once as a list.
 */
export function jsonRequest({ method, headers, body }: FetchRequest): FetchRequest {
  const members: Record<string, string | readonly string[]> = {};
  const parameters = new URLSearchParams(body);
  for (const [name, value] of parameters) {
    const values = parameters.getAll(name);
    members[name] = values.length > 1 ? values : value;
  }
  return { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(members) };
}
