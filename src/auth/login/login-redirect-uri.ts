import { isLoopbackHost } from '../../model/loopback.ts';

/** A redirect address at which a command can listen (RFC 8252 section 7.3). */
export interface LoopbackRedirect {
  /** An IP address. */
  readonly host: string;
  /** 0 for any: issuers take a loopback address with whatever port. */
  readonly port: number;
  readonly path: string;
  /** The redirect address, as registered but for the port. */
  at(port: number): string;
}

/** What is registered at the issuer when the configuration does not say: this, with any port. */
const defaultRedirect = 'http://127.0.0.1/callback';

/** The part before the path: its host, and a port if one is named. */
const origin = /^http:\/\/(\[[\da-f:.]+\]|[^/:?#@]+)(?::(\d+))?(?=[/?]|$)/i;

/**
 * Where the browser comes back to. Undefined for an address that leads elsewhere than to this host: its answer can only
 * be pasted. The text stays as it was registered: issuers compare it letter by letter.
 */
export function loopbackRedirect(configured = defaultRedirect): LoopbackRedirect | undefined {
  const [, host = '', port] = origin.exec(configured) ?? [];
  const url = URL.parse(configured);
  if (!url || !isLoopbackHost(host)) return undefined;
  return {
    // A name may lead to several addresses of this host, and a browser tries this one among them.
    host: host.startsWith('[') ? host.slice(1, -1) : ipOf(host),
    port: Number(port ?? 0),
    path: url.pathname,
    at: (bound) => (port === undefined ? configured.replace(origin, `http://$1:${bound}`) : configured),
  };
}

function ipOf(host: string): string {
  return /^[\d.]+$/.test(host) ? host : '127.0.0.1';
}
