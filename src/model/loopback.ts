/**
 * Whether a host can only be this machine: 127.0.0.0/8, ::1, and `localhost` with all names under it (RFC 6761
 * section 6.3). Takes a host as a URL has it, an IPv6 address with or without brackets. What is not surely loopback is not.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  return name === '::1' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
