import { z } from 'zod';
import { duration, scheduleFields } from './fields.ts';

const grants = ['client_credentials', 'refresh_token', 'static'] as const;
const clientAuths = ['client_secret_basic', 'client_secret_post', 'none'] as const;

const plannedGrants: readonly unknown[] = ['authorization_code', 'jwt_bearer', 'device_code'];
const plannedClientAuths: readonly unknown[] = [
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];

/** A choice of which some words are known, but not built yet; all others get the words of a plain choice. */
const choiceError = (planned: readonly unknown[], known: readonly string[]) => (issue: { input?: unknown }) =>
  planned.includes(issue.input)
    ? `${String(issue.input)} is not supported yet; expected one of ${known.join(', ')}`
    : undefined;

/** The end of a problem about an address of an issuer. */
const urlForm = 'expected an absolute URL such as https://auth.example.com';

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === ''
  );
}

const endpoint = (description: string) =>
  z
    .string({ error: urlForm })
    .refine(isHttpUrl, { error: `${urlForm}, without user info and fragment` })
    .describe(description);

const isOrigin = (text: string) => isHttpUrl(text) && /^[^/]*\/\/[^/?]*\/?$/.test(text);

const secret = (description: string) => z.string().min(1).describe(description);

const percentForm = 'expected a share of the lifetime such as 20%, from 1% to 99%';

export const tokenSchema = z.strictObject({
  issuer: endpoint('The issuer; its metadata is discovered (RFC 8414, OpenID Connect Discovery).').optional(),
  token_endpoint: endpoint('The token endpoint, for an issuer without discovery.').optional(),
  authorization_endpoint: endpoint('The authorization endpoint, for an issuer without discovery.').optional(),
  grant: z.enum(grants, { error: choiceError(plannedGrants, grants) }).describe('How the access token is had.'),
  client_id: z.string().min(1).describe('The client, as the issuer knows it.').optional(),
  client_secret: secret('The secret of the client: a reference to a variable or file.').optional(),
  client_auth: z
    .enum(clientAuths, { error: choiceError(plannedClientAuths, clientAuths) })
    .describe('How the client authenticates. Without it: client_secret_basic with a secret, else none.')
    .optional(),
  refresh_token: secret('The first refresh token; the store in state_dir holds its successors.').optional(),
  value: secret('The credential itself, for the grant static.')
    .regex(/^[\x20-\x7E]+$/, { error: 'expected printable ASCII on one line, since a header has to carry it' })
    .optional(),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, { error: 'expected one scope, without spaces and quotes' }))
    .describe('The scopes to ask for.')
    .default([]),
  refresh: z
    .strictObject({
      before_expiry: z
        .string({ error: percentForm })
        .regex(/^[1-9]\d?%$/, { error: percentForm, abort: true })
        .describe('The share of its lifetime that a token has left when it is refreshed.')
        .transform((text) => Number.parseInt(text, 10) / 100)
        .optional(),
      ...scheduleFields,
    })
    .describe('When the token is refreshed: before_expiry, every, or cron. Without it: 20% before expiry.')
    .optional(),
  send_to: z
    .array(z.string().refine(isOrigin, { error: 'expected an origin such as https://api.example.com, without a path' }))
    .describe('Origins that the token may be sent to; for another, a check is refused.')
    .default([]),
  present: z
    .strictObject({
      header: z
        .string()
        .regex(/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/, { error: 'expected the name of a header' })
        .describe('The header that carries the credential.')
        .optional(),
    })
    .describe('How the credential is sent. Without it: Authorization: Bearer.')
    .optional(),
  export: z
    .strictObject({ file: z.string().min(1).describe('The file to write.') })
    .describe('Writes the live access token to a file for the service beside sonde.')
    .optional(),
  budget: z.string().describe('The budget that its requests are taken from. Without it: default.').optional(),
  timeout: duration('The time that a refresh may take. Without it: defaults.timeout.', '1ms').optional(),
  allow_http: z.boolean().describe('Lets the issuer be asked over plain http.').default(false),
});

export type TokenValues = z.infer<typeof tokenSchema>;
