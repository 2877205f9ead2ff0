import fc from 'fast-check';

/** Text of any characters, half of them from the part of Unicode where the troublesome ones are. */
export function anyText(maxLength = 20): fc.Arbitrary<string> {
  const codePoint = fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0x100, max: 0x10ffff }));
  return fc.array(codePoint, { maxLength }).map((codePoints) => String.fromCodePoint(...codePoints));
}
