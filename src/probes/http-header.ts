/** Header names in lower case, and their values. */
export type Headers = Readonly<Record<string, string>>;

/** They frame the message or belong to the connection: the client alone knows what they have to say. */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What is wrong with a header's name; undefined when it may be set. */
export function headerNameFault(name: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'expected the name of a header';
  return framing.has(name.toLowerCase()) ? 'this header is set by sonde itself' : undefined;
}

/** What is wrong with a header's value; undefined when it can be sent (RFC 9110 section 5.5). */
export function headerValueFault(value: string): string | undefined {
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) return 'a header cannot carry line ends and other such characters';
  return undefined;
}

const credentialName = /auth|cookie|credential|key$|pass|pwd|secret|session|signature|token/;

/** Whether a header of this name (in lower case) is a credential, or is meant for one host alone. */
export function staysWithOrigin(name: string): boolean {
  return name === 'host' || credentialName.test(name);
}
