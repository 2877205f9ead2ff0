import { z } from 'zod';
import type { AssertionKind } from './assertion-kind.ts';

const dayMs = 86_400_000;

const schema = z.strictObject({
  certificate: z
    .strictObject({
      days_left_above: z
        .number()
        .min(0)
        .describe('Days that the certificate, or one above it that runs out earlier, is still valid for.'),
    })
    .describe('The certificates that the target shows.'),
});

export const certificateKind: AssertionKind<z.infer<typeof schema>> = {
  key: 'certificate',
  schema,
  compile({ certificate: { days_left_above: days } }) {
    return {
      expected: `certificate days left above ${days}`,
      judge({ facts: { tls } }, wallNowMs) {
        const [first, ...others] = tls?.chain ?? [];
        if (!first) return { holds: false, got: 'no certificate: there was no TLS handshake' };
        const earliest = others.reduce((least, next) => (next.notAfterMs < least.notAfterMs ? next : least), first);
        const daysLeft = (earliest.notAfterMs - wallNowMs) / dayMs;
        return { holds: daysLeft > days, got: `${Math.floor(daysLeft * 10) / 10} days left (${earliest.subject})` };
      },
    };
  },
};
