import { type RequestOptions, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Makes one request with exactly these headers, on a connection of its own. */
export async function ask(where: RequestOptions): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const asked = request({ agent: false, ...where }, async (response) => {
    const bytes = await buffer(response);
    resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}
