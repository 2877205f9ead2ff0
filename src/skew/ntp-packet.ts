import { isLater } from './ntp-timestamp.ts';

/** The header of RFC 5905 section 7.3; timestamps as they are on the wire. */
export interface NtpHeader {
  /** 0: none, 1: a second is added today, 2: one is left out, 3: the clock is not synchronised. */
  readonly leap: number;
  readonly version: number;
  readonly mode: number;
  readonly stratum: number;
  /** How finely the server reads its clock. */
  readonly precisionMs: number;
  readonly rootDelayMs: number;
  readonly rootDispersionMs: number;
  readonly referenceId: Uint8Array;
  readonly reference: bigint;
  readonly origin: bigint;
  readonly receive: bigint;
  readonly transmit: bigint;
}

/** The length of the header, in bytes; extension fields and a MAC may follow. */
export const ntpHeaderBytes = 48;

const clientMode = 3;
const serverMode = 4;
const version = 4;
/** A server of the version before answers in its own; its header means the same (RFC 5905 section 1). */
const oldestVersion = 3;

/**
 * The request of a client. `transmit` comes back as the origin of the reply and should be random: what nobody can guess,
 * nobody off the path can answer. All else is zero, so that a request tells nothing of this host.
 */
export function encodeRequest(transmit: bigint): Uint8Array {
  const bytes = new Uint8Array(ntpHeaderBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (version << 3) | clientMode);
  view.setBigUint64(40, transmit);
  return bytes;
}

/** Reads a header; undefined when there are too few bytes for one. Every value is told as it is. */
export function decodeHeader(bytes: Uint8Array): NtpHeader | undefined {
  if (bytes.length < ntpHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, ntpHeaderBytes);
  const first = view.getUint8(0);
  const shortMs = (at: number) => (view.getUint32(at) * 1000) / 2 ** 16;
  return {
    leap: first >> 6,
    version: (first >> 3) & 7,
    mode: first & 7,
    stratum: view.getUint8(1),
    precisionMs: 2 ** view.getInt8(3) * 1000,
    rootDelayMs: shortMs(4),
    rootDispersionMs: shortMs(8),
    referenceId: Uint8Array.from(bytes.subarray(12, 16)),
    reference: view.getBigUint64(16),
    origin: view.getBigUint64(24),
    receive: view.getBigUint64(32),
    transmit: view.getBigUint64(40),
  };
}

/** How far the server may be from true time by what it says itself (RFC 5905 appendix A.5.5.2, without our own part). */
export function rootDistanceMs({ rootDelayMs, rootDispersionMs, precisionMs }: NtpHeader): number {
  return rootDelayMs / 2 + rootDispersionMs + precisionMs;
}

/** A server whose own error may be larger is of no use (RFC 5905 section 7.2, MAXDIST). */
const mostRootDistanceMs = 1000;

/**
 * What a server answers. `kiss`: it wants something of us instead (RFC 5905 section 7.4), by a code of up to four
 * letters. `refused`: it is not to be believed.
 */
export type NtpReply =
  | { readonly kind: 'kiss'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: 'NTP_BAD_REPLY' | 'NTP_NOT_SYNCHRONISED'; readonly message: string }
  | { readonly kind: 'time'; readonly header: NtpHeader };

/** A server of stratum 0 without a code is one that is not synchronised. */
function kissCode({ mode, stratum, referenceId }: NtpHeader): string | undefined {
  if (mode !== serverMode || stratum !== 0) return undefined;
  const code = String.fromCharCode(...referenceId).replace(/\0+$/, '');
  return /^[\x21-\x7e]{1,4}$/.test(code) ? code : undefined;
}

/** Why a packet is not what a server answers. */
function speakerFault({ version: spoken, mode }: NtpHeader): string | undefined {
  if (mode !== serverMode) return `its mode is ${mode}, not that of a server`;
  if (spoken < oldestVersion || spoken > version) return `its version is ${spoken}`;
  return undefined;
}

/** What is wrong with the times that a server tells. */
function timeFault({ receive, transmit, reference }: NtpHeader): string | undefined {
  if (receive === 0n || transmit === 0n) return 'it does not tell the time';
  if (isLater(receive, transmit)) return 'it says that it answered before our request came';
  if (reference !== 0n && isLater(reference, transmit)) return 'it says that its clock was last set after it answered';
  return undefined;
}

/** Why the server's clock is not believed. */
function syncFault(header: NtpHeader): string | undefined {
  if (header.leap === 3) return 'it says that its clock is not synchronised';
  if (header.stratum === 0 || header.stratum > 15) return `its stratum is ${header.stratum}: it is not synchronised`;
  const distanceMs = rootDistanceMs(header);
  if (distanceMs >= mostRootDistanceMs)
    return `it may itself be wrong by ${Math.round(distanceMs)} ms (root distance), more than ${mostRootDistanceMs} ms`;
  return undefined;
}

/** In the order in which they tell most. */
const checks = [
  ['NTP_BAD_REPLY', speakerFault],
  ['NTP_NOT_SYNCHRONISED', syncFault],
  ['NTP_BAD_REPLY', timeFault],
] as const;

/**
 * Judges a datagram as the answer to the request with that transmit timestamp; undefined when it is none: it is made up,
 * or answers an earlier request. Never throws, whatever the bytes.
 */
export function judgeReply(bytes: Uint8Array, sentTransmit: bigint): NtpReply | undefined {
  const header = decodeHeader(bytes);
  if (!header || header.origin !== sentTransmit) return undefined;
  // A kiss tells no time, so the rules for that do not bind it.
  const kiss = kissCode(header);
  if (kiss !== undefined) return { kind: 'kiss', code: kiss };
  for (const [code, faultOf] of checks) {
    const message = faultOf(header);
    if (message !== undefined) return { kind: 'refused', code, message };
  }
  return { kind: 'time', header };
}
