/** The part of dns-packet that tests use; the package brings no types. */
declare module 'dns-packet' {
  export interface Question {
    readonly name: string;
    readonly type: string;
  }

  export interface Answer {
    readonly name: string;
    readonly type: string;
    readonly ttl: number;
    readonly data: string;
  }

  export interface Packet {
    readonly id: number;
    readonly type: 'query' | 'response';
    readonly flags: number;
    readonly questions: readonly Question[];
    readonly answers: readonly Answer[];
  }

  export function decode(message: Buffer): Packet;
  export function encode(packet: Packet): Buffer;
}
