import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';
import { onTestFinished } from 'vitest';

const responseCodes = { noError: 0, serverFailure: 2, noSuchName: 3, refused: 5 } as const;

/** What the fake server says about one name: addresses by type, a refusal, or nothing at all. */
export type FakeRecord =
  | { readonly A?: readonly string[] | 'silence'; readonly AAAA?: readonly string[] | 'silence' }
  | Exclude<keyof typeof responseCodes, 'noError'>
  | 'silence';

export interface FakeDns {
  /** `address:port`, for the option `servers` of a resolver. */
  readonly server: string;
  /** The questions that came, as `TYPE name`. */
  readonly asked: string[];
  readonly records: Map<string, FakeRecord>;
}

/** A name server on loopback that answers from a table; a name that is not there does not exist. */
export async function startFakeDns(records: Readonly<Record<string, FakeRecord>> = {}): Promise<FakeDns> {
  const socket = createSocket('udp4');
  const table = new Map(Object.entries(records));
  const asked: string[] = [];
  socket.on('message', (message, sender) => {
    const { id, questions } = decode(message);
    const [{ name, type } = { name: '', type: '' }] = questions;
    asked.push(`${type} ${name}`);
    const record = table.get(name.toLowerCase()) ?? 'noSuchName';
    if (record === 'silence') return;
    const data = typeof record === 'string' ? [] : (record[type as 'A' | 'AAAA'] ?? []);
    if (data === 'silence') return;
    const code = responseCodes[typeof record === 'string' ? record : 'noError'];
    const answers = data.map((address) => ({ name, type, ttl: 60, data: address }));
    socket.send(encode({ id, type: 'response', flags: 0x180 | code, questions, answers }), sender.port, sender.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => {
    socket.close();
  });
  return { server: `127.0.0.1:${socket.address().port}`, asked, records: table };
}
