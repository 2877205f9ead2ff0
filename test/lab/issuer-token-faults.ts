import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { IssuerFault, TokenBody } from './issuer-faults.ts';

/** Breaks what the token endpoint has answered, before it is written; `wait` is how late a late answer is. */
export function createTokenEndpointFaults(
  provider: Provider,
  wait: () => Promise<void>,
): (context: KoaContextWithOIDC, fault: IssuerFault | undefined) => Promise<void> {
  const reasons = new WeakMap<KoaContextWithOIDC, string | undefined>();
  provider.on('grant.error', (context, { error_detail }) => reasons.set(context, error_detail));

  return async (context, fault) => {
    if (fault?.late === 'after') await wait();
    if (fault?.cutsAnswer) context.req.socket.destroy();
    const body = context.body as TokenBody;
    if (context.status === 200) context.body = fault?.lie?.(body) ?? body;
    else context.body = fault?.refuse?.(body, reasons.get(context)) ?? body;
  };
}
