const factor = Number(process.env.SONDE_ENDURANCE ?? '1');

/** How many rounds a test makes that has a short form: as many as that in `npm test`, many times more in `npm run endurance`. */
export function enduranceRounds(short: number): number {
  return short * factor;
}

/** What a test draws from: `SONDE_SEED`, or always the same. */
export const enduranceSeed = Number(process.env.SONDE_SEED ?? '1');

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function createDraw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
