import type { IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Exposure } from './exposure.ts';

/** What a route is asked. */
export interface Call {
  readonly request: IncomingMessage;
  readonly exposure: Exposure;
  /** The rest of a path that ends in `*`, decoded. */
  readonly name: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** A whole path, or one that ends in `/*` where a name follows. */
  readonly path: string;
  /**
   * `anywhere`; `here`: only by loopback under a host name of our own, or by the socket; `socket`: only by that.
   */
  readonly served: 'anywhere' | 'here' | 'socket';
  answer(call: Call): Answer | Promise<Answer>;
}
