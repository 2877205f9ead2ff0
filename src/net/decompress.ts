import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { bodyTooLarge } from './body.ts';
import { NetError, netError } from './failure.ts';

type Decoder = (body: Buffer, limits: { readonly maxOutputLength: number }) => Promise<Buffer>;

const ungzip: Decoder = promisify(gunzip);
const unzlib: Decoder = promisify(inflate);
const undeflate: Decoder = promisify(inflateRaw);

/**
 * `deflate` means the zlib format (RFC 9110 section 8.4.1.2), yet some servers send the bare stream: the first four
 * bits of the zlib format tell them apart.
 */
const decodeDeflate: Decoder = (body, limits) => (body.readUInt8() % 16 === 8 ? unzlib : undeflate)(body, limits);

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: ungzip,
  'x-gzip': ungzip,
  deflate: decodeDeflate,
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** The content codings that `decompress` undoes, as a value of `Accept-Encoding`. */
export const acceptedCodings = 'gzip, deflate, br, zstd';

/** Nobody stacks more, and each one may cost the whole bound of bytes again. */
const mostCodings = 4;

/**
 * Undoes the codings of a `Content-Encoding`, the last one first (RFC 9110 section 8.4). A body with an unknown coding
 * stays as it is. Throws a `NetError`: `BODY_TOO_LARGE` as soon as more than `maxBytes` come out of a coding, or
 * `DECOMPRESSION_FAILED`.
 */
export async function decompress(body: Buffer, contentEncoding: string, maxBytes: number): Promise<Buffer> {
  if (contentEncoding === '') return body;
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (body.length === 0 || codings.some((coding) => !Object.hasOwn(decoders, coding))) return body;
  if (codings.length > mostCodings)
    throw new NetError('DECOMPRESSION_FAILED', `the body has ${codings.length} codings`);
  let decoded = body;
  for (const coding of codings.reverse()) {
    try {
      decoded = await (decoders[coding] as Decoder)(decoded, { maxOutputLength: maxBytes });
    } catch (error) {
      const { code, message } = netError(error);
      if (code === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLarge(maxBytes);
      throw new NetError('DECOMPRESSION_FAILED', `the body is no ${coding}: ${message}`);
    }
  }
  return decoded;
}
