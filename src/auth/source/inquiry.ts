import type { AccessToken } from '../../model/token.ts';
import { PermitRefused } from '../../net/limiter.ts';
import { newRunId } from '../../net/own-headers.ts';
import type { System } from '../../system/system.ts';
import type { Issuer } from '../issuer.ts';

/** Asks the issuer what it knows of a token that a target has refused (RFC 7662). */
export type Inquiry = (token: AccessToken) => ReturnType<Issuer['introspect']>;

export interface InquiryOptions {
  /** Bounds the wait for the answer, permit and all. */
  readonly timeoutMs: number;
  /** The same token is not asked about again for this long; the answer of before holds meanwhile. */
  readonly againAfterMs: number;
  /** Ends a question that is under way. */
  readonly stopping: AbortSignal;
}

/** Suspicions of one token share one question. */
export function createInquiry(
  { clock, random }: Pick<System, 'clock' | 'random'>,
  issuer: Pick<Issuer, 'introspect'>,
  { timeoutMs, againAfterMs, stopping }: InquiryOptions,
): Inquiry {
  let last:
    | { readonly generation: number; readonly askedAtMs: number; readonly answer: ReturnType<Inquiry> }
    | undefined;

  const ask: Inquiry = async ({ value }) => {
    const late = new AbortController();
    const timer = clock.after(timeoutMs, () => late.abort());
    const ended = AbortSignal.any([stopping, late.signal]);
    try {
      return await issuer.introspect({ runId: newRunId(random), stopping: ended, cutOff: ended }, value);
    } catch (error) {
      if (!(error instanceof PermitRefused)) throw error;
      return 'unknown';
    } finally {
      timer.cancel();
    }
  };

  return (token) => {
    const nowMs = clock.monotonicMs();
    if (last?.generation !== token.generation || nowMs - last.askedAtMs >= againAfterMs)
      last = { generation: token.generation, askedAtMs: nowMs, answer: ask(token) };
    return last.answer;
  };
}
