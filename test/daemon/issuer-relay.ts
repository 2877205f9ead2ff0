import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** How far a request of sonde to the token endpoint has come. */
export type Station = 'asked' | 'at work' | 'granted' | 'answered';

/** Stands between sonde and a real issuer, passes all on, and knows what neither can know of the other. */
export interface IssuerRelay {
  readonly tokenEndpoint: string;
  /**
   * Has `act` called once, in the very turn in which a request comes to that station. A request that is met when it is
   * only `asked` goes no further.
   */
  meet(station: Station, act: () => void): void;
  /** Where the last request has come to. */
  station(): Station | 'idle';
  /** The refresh token that the issuer has handed out last, whether or not it ever arrived; undefined before the first. */
  successor(): string | undefined;
  /** Begins anew, with another family. */
  forget(): void;
  /** Resolves when all that a process had sent before it was killed has come to its end at the issuer. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export async function startIssuerRelay(issuer: string): Promise<IssuerRelay> {
  let station: Station | 'idle' = 'idle';
  let successor: string | undefined;
  let meeting: { readonly station: Station; readonly act: () => void } | undefined;
  const underWay = new Set<Promise<unknown>>();
  const untilEnd = (thing: Promise<unknown>) => {
    underWay.add(thing);
    void thing.finally(() => underWay.delete(thing));
  };

  const reach = (reached: Station): boolean => {
    station = reached;
    if (meeting?.station !== reached) return false;
    const { act } = meeting;
    meeting = undefined;
    act();
    return true;
  };

  const relay = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request).catch(() => undefined);
    // Who is killed while it still asks has asked nothing.
    if (!body || reach('asked')) {
      response.destroy();
      return;
    }
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const headers = { authorization, 'content-type': type };
    const asked = fetch(`${issuer}${request.url}`, { method: 'POST', headers, body });
    reach('at work');
    const answer = await asked;
    const text = await answer.text();
    if (answer.ok) successor = JSON.parse(text).refresh_token;
    reach('granted');
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(text);
    reach('answered');
  };

  const server = createServer((request, response) => untilEnd(relay(request, response)));
  server.on('connection', (socket: Socket) => untilEnd(new Promise((resolve) => socket.on('close', resolve))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    tokenEndpoint: `http://127.0.0.1:${port}/token`,
    meet(where, act) {
      meeting = { station: where, act };
    },
    station: () => station,
    successor: () => successor,
    forget() {
      successor = undefined;
      station = 'idle';
    },
    async rest() {
      // Connections are accepted in their order: when this one has been, so have all before it.
      const last = connect(port, '127.0.0.1');
      await Promise.all([once(server, 'connection'), once(last, 'connect')]);
      last.destroy();
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
