import { request } from 'node:http';
import type { Socket } from 'node:net';
import { abortable } from './abortable.ts';
import { portOf } from './address.ts';
import { basicCredentials } from './basic-credentials.ts';
import { NetError } from './failure.ts';

/**
 * Asks the proxy at the other end of `socket` for a tunnel to the host of `target` (RFC 9110 section 9.3.6).
 * Rejects with the code `PROXY_UNAUTHORIZED` when it answers with 407, `PROXY_REFUSED` with anything else but success.
 */
export function openTunnel(socket: Socket, proxy: URL, target: URL, signal: AbortSignal): Promise<void> {
  return abortable(signal, (resolve, reject) => {
    const authority = `${target.hostname}:${portOf(target)}`;
    const credentials = basicCredentials(proxy);
    const asking = request({
      createConnection: () => socket,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(credentials && { 'proxy-authorization': credentials }) },
    });
    asking.on('error', reject);
    asking.once('connect', (answer, _, head) => {
      const { statusCode = 0, statusMessage } = answer;
      if (statusCode < 200 || statusCode > 299) {
        const code = statusCode === 407 ? 'PROXY_UNAUTHORIZED' : 'PROXY_REFUSED';
        return reject(new NetError(code, `it answered CONNECT with ${statusCode} ${statusMessage}`));
      }
      socket.unshift(head);
      resolve();
    });
    asking.end();
    return () => {};
  });
}
