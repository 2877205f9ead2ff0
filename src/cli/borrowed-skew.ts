import { z } from 'zod';
import { parseJson } from '../auth/json.ts';
import type { SkewView } from '../model/token.ts';
import { askDaemon } from '../net/control-socket.ts';

const clockSchema = z.object({ skew_ms: z.number(), uncertainty_ms: z.number(), tolerance_ms: z.number() });

/**
 * How far this host's clock is off by the word of the daemon that runs on the same `state_dir`: a single run measures no
 * clock of its own. Undefined when none runs there, or it does not know.
 */
export async function borrowSkew(socketPath: string): Promise<SkewView | undefined> {
  const answer = await askDaemon(socketPath, '/api/v1/clock').catch(() => undefined);
  const told = clockSchema.safeParse(typeof answer === 'object' ? parseJson(answer.body) : undefined);
  if (!told.success) return undefined;
  const { skew_ms: skewMs, uncertainty_ms: uncertaintyMs, tolerance_ms: toleranceMs } = told.data;
  return { skewMs, uncertaintyMs, toleranceMs };
}
