import { z } from 'zod';
import { type AssertionKind, absent } from '../assertions/assertion-kind.ts';
import { durationText } from '../assertions/duration-text.ts';
import { parseDuration } from '../model/duration.ts';

const offsetSchema = z.strictObject({
  offset: z
    .strictObject({ within: durationText('How far this host may be ahead of the server or behind it, such as 100ms.') })
    .describe("How far this host's clock is from the server's."),
});

export const offsetKind: AssertionKind<z.infer<typeof offsetSchema>> = {
  key: 'offset',
  schema: offsetSchema,
  compile({ offset: { within } }) {
    const withinMs = parseDuration(within) as number;
    return {
      expected: `offset within ${within}`,
      judge({ facts: { ntp } }) {
        if (!ntp) return absent('offset');
        const side = ntp.skewMs < 0 ? 'behind' : 'ahead';
        const got = `this host ${inWords(Math.abs(ntp.skewMs))} ${side}, give or take ${inWords(ntp.uncertaintyMs)}`;
        return { holds: Math.abs(ntp.skewMs) <= withinMs, got };
      },
    };
  },
};

const stratumSchema = z.strictObject({
  stratum: z
    .strictObject({ below: z.int().min(2).max(16).describe('The stratum that has to be undercut, 2 to 16.') })
    .describe('How many servers away from a reference clock the server is; 1 has one of its own.'),
});

export const stratumKind: AssertionKind<z.infer<typeof stratumSchema>> = {
  key: 'stratum',
  schema: stratumSchema,
  compile({ stratum: { below } }) {
    return {
      expected: `stratum below ${below}`,
      judge: ({ facts: { ntp } }) =>
        ntp ? { holds: ntp.stratum < below, got: `stratum ${ntp.stratum}` } : absent('stratum'),
    };
  },
};

function inWords(ms: number): string {
  return `${Math.round(ms * 10) / 10} ms`;
}
