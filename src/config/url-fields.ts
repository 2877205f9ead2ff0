import { z } from 'zod';
import { isLoopbackHost } from '../model/loopback.ts';

/** The end of a problem about an address that is asked. */
const urlForm = 'expected an absolute URL such as https://auth.example.com';

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === ''
  );
}

/** An address that is asked: http or https, without user info and fragment. */
export const endpoint = (description: string) =>
  z
    .string({ error: urlForm })
    .refine(isHttpUrl, { error: `${urlForm}, without user info and fragment` })
    .describe(description);

const isOrigin = (text: string) => isHttpUrl(text) && /^[^/]*\/\/[^/?]*\/?$/.test(text);

/** Scheme, host and port. */
export const origin = z
  .string()
  .refine(isOrigin, { error: 'expected an origin such as https://api.example.com, without a path' });

/** A resource indicator (RFC 8707 section 2). */
export const resourceUri = z.string().refine((text) => URL.canParse(text) && !text.includes('#'), {
  error: 'expected an absolute URI such as https://api.example.com/v1, without a fragment',
});

/** RFC 8252 section 7.3 has any port on loopback; elsewhere a code must not travel in plain text. */
function takesCodes(text: string): boolean {
  const url = URL.parse(text);
  if (!url || text.includes('#') || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** Where an issuer sends a browser back to. */
export const redirectUri = z
  .string()
  .refine(takesCodes, {
    error: 'expected http on loopback such as http://127.0.0.1/callback, or https, without user info and fragment',
  })
  .describe('The redirect address as it is registered at the issuer. Without it: loopback, on a free port.');
