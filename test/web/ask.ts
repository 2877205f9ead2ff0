import { type RequestOptions, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Makes one request with exactly these headers, on a connection of its own. Rejects when no whole answer comes. */
export async function ask(where: RequestOptions): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const asked = request({ agent: false, ...where }, (response) => {
    const { statusCode: status = 0, headers } = response;
    buffer(response).then((bytes) => resolve({ status, headers, bytes, text: bytes.toString() }), reject);
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}
