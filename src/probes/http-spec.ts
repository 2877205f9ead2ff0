import { z } from 'zod';
import { Secret, type Text } from '../model/secret.ts';
import { parseSize } from '../model/size.ts';
import { headerNameFault, headerValueFault } from './http-header.ts';
import { text, textsWithin } from './text-schema.ts';
import { webUrlFault } from './web-url.ts';

type QueryValue = Text | number | boolean;

/** What stands under `http:`. */
export interface HttpSpec {
  readonly url: Text;
  readonly method: string;
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[]>> | undefined;
  readonly headers?: Readonly<Record<string, QueryValue>> | undefined;
  /** Text, or plain data to be sent as JSON. */
  readonly body?: Text | readonly unknown[] | Readonly<Record<string, unknown>> | undefined;
  readonly redirects: number;
  readonly max_body: number | string;
  readonly prefer?: 'ip4' | 'ip6' | undefined;
  readonly proxy?: Text | undefined;
  readonly no_proxy: readonly string[];
  readonly server_name?: string | undefined;
  readonly ca?: Text | undefined;
  readonly client_certificate?: Text | undefined;
  readonly client_key?: Text | undefined;
  readonly reuse_connections: boolean;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const headerSchema = z.record(z.string(), scalar).superRefine((headers, context) => {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const twice = seen.has(name.toLowerCase()) ? 'this header stands here twice' : undefined;
    const message = headerNameFault(name) ?? twice ?? headerValueFault(String(value));
    if (message !== undefined) context.addIssue({ code: 'custom', message, path: [name] });
    seen.add(name.toLowerCase());
  }
});

const sizeForm = 'expected a size such as 64KiB or 1MiB, or a number of bytes, up to 64MiB';
const largestBody = 64 * 1024 * 1024;

/** Bytes of `max_body`; undefined when it is none. */
export function bodyLimit(size: number | string): number | undefined {
  const bytes = typeof size === 'number' ? size : parseSize(size);
  return bytes !== undefined && Number.isInteger(bytes) && bytes > 0 && bytes <= largestBody ? bytes : undefined;
}

const pem = 'the path of a PEM file, or PEM text itself. The file is read at start and on reload';

export const httpSchema: z.ZodType<HttpSpec> = z
  .strictObject({
    url: text(
      'The address that is asked, http or https. User info in it is sent as basic authentication.',
      webUrlFault,
    ),
    method: z
      .string()
      .regex(/^(?!CONNECT$)[A-Z]{1,20}$/, { error: 'expected a method in capitals, such as GET, HEAD or POST' })
      .describe('The method of the request.')
      .default('GET'),
    query: textsWithin(
      z
        .record(z.string(), z.union([scalar, z.array(scalar)]))
        .describe('Parameters that are added to the query of the address; a list repeats its parameter.'),
    ).optional(),
    headers: textsWithin(
      headerSchema.describe('Headers of the request; they win over those of sonde itself.'),
    ).optional(),
    body: textsWithin(
      z
        .union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())], {
          error: 'expected text, or a mapping or list, which is sent as JSON',
        })
        .describe('The body of the request: text, or a mapping or list, which is sent as JSON.'),
    ).optional(),
    redirects: z
      .int()
      .min(0)
      .max(20)
      .describe('How many redirects are followed. 0: the redirect is itself the answer.')
      .default(5),
    max_body: z
      .union([z.number(), z.string()], { error: sizeForm })
      .refine((size) => bodyLimit(size) !== undefined, { error: sizeForm })
      .describe('The most bytes of body that are read, such as 64KiB or 1MiB; a larger body is a failure.')
      .default('1MiB'),
    prefer: z
      .enum(['ip4', 'ip6'])
      .describe('The address family that is tried first; the other one is the fall-back. Without it, both race.')
      .optional(),
    proxy: text(
      'The address of an http proxy, which https targets are reached through by CONNECT.',
      proxyFault,
    ).optional(),
    no_proxy: z
      .array(z.string().min(1))
      .describe('What is reached without the proxy: example.com, .example.com, 10.0.0.0/8, 192.0.2.1, host:port or *.')
      .default([]),
    server_name: z
      .string()
      .min(1)
      .describe("The name that is asked for in TLS and held against the certificate, instead of the address' host.")
      .optional(),
    ca: text(`Authorities that are trusted instead of those that Node.js trusts: ${pem}.`).optional(),
    client_certificate: text(`The certificate that is shown to the target: ${pem}.`).optional(),
    client_key: text(`The key of the client certificate: ${pem}.`).optional(),
    reuse_connections: z
      .boolean()
      .describe(
        'Keeps connections open between runs: quicker, but then resolve, connect and tls are not seen each time.',
      )
      .default(false),
  })
  .superRefine(({ client_certificate: certificate, client_key: key }, context) => {
    const both = 'expected client_certificate and client_key, or neither';
    if (certificate !== undefined && key === undefined)
      context.addIssue({ code: 'custom', message: both, path: ['client_certificate'] });
    if (key !== undefined && certificate === undefined)
      context.addIssue({ code: 'custom', message: both, path: ['client_key'] });
  });

/** What is wrong with the address of a proxy; undefined when it is right. */
export function proxyFault(plain: string): string | undefined {
  return URL.parse(plain)?.protocol === 'http:'
    ? undefined
    : 'expected the address of a proxy such as http://proxy.example.net:3128';
}

/** Whether there is a secret somewhere in plain data. */
export function holdsSecret(data: unknown): boolean {
  if (data instanceof Secret) return true;
  return typeof data === 'object' && data !== null && Object.values(data).some(holdsSecret);
}

/** Plain data with its secrets as text, to be sent. Never log what this returns. */
export function revealAll(data: unknown): unknown {
  if (data instanceof Secret) return data.reveal();
  if (Array.isArray(data)) return data.map(revealAll);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, revealAll(value)]));
}
