import { z } from 'zod';
import { duration, percentage, scheduleFields } from '../fields.ts';
import { redirectUri } from '../url-fields.ts';

/** A text that is not shown, and has to come by a reference. */
export const secret = (description: string) => z.string().min(1).describe(description);

/** Parameters that are added to a request, but for those that sonde itself sets. */
function parameters(description: string, own: readonly string[]) {
  const taken = new Set(own);
  const name = z.string().superRefine((key, context) => {
    const message = taken.has(key)
      ? 'expected another name: sonde sets this parameter itself'
      : 'expected the name of a parameter';
    if (taken.has(key) || key === '') context.addIssue({ code: 'custom', message });
  });
  return z.record(name, z.string()).describe(description).default({});
}

const clientParameters = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

/** RFC 6749 section 4, RFC 7523 section 2.1, RFC 7636, RFC 8628, RFC 8707. */
export const tokenParameters = parameters('Parameters that are added to each token request.', [
  ...clientParameters,
  ...['grant_type', 'scope', 'resource', 'audience', 'refresh_token', 'code', 'redirect_uri', 'code_verifier'],
  ...['device_code', 'assertion'],
]);

/** RFC 6749 section 4.1.1, RFC 7636, RFC 9101, RFC 9126, RFC 9449 section 10. */
const loginParameters = parameters('Parameters that are added to the authorization request, such as `prompt`.', [
  ...clientParameters,
  ...['response_type', 'response_mode', 'redirect_uri', 'scope', 'state', 'code_challenge', 'code_challenge_method'],
  ...['request', 'request_uri', 'resource', 'audience', 'dpop_jkt'],
]);

export const login = z
  .strictObject({
    redirect_uri: redirectUri.optional(),
    pushed: z
      .boolean()
      .describe('Pushes the authorization request (RFC 9126). Without it: where its endpoint is named.')
      .optional(),
    parameters: loginParameters,
  })
  .describe('How `sonde login` asks a person.')
  .optional();

const ownClaims: readonly string[] = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];

const claimName = z.string().superRefine((name, context) => {
  const message = 'expected another name: sonde sets this claim itself';
  if (ownClaims.includes(name)) context.addIssue({ code: 'custom', message });
});

const signedAssertion = z.strictObject({
  issuer: z.string().min(1).describe('The claim iss. Without it: client_id.').optional(),
  subject: z.string().min(1).describe('The claim sub. Without it: that of iss.').optional(),
  audience: z.string().min(1).describe('The claim aud. Without it: the issuer, or its token endpoint.').optional(),
  lifetime: duration('How long an assertion is good for.', '1s').prefault('5m'),
  claims: z.record(claimName, z.unknown()).describe('Further claims.').default({}),
});

export const assertion = z
  .union([secret('A JWT that something else makes.'), signedAssertion])
  .describe('What the grant jwt_bearer sends (RFC 7523): a ready JWT, or what sonde signs with private_key.')
  .optional();

export const dpop = z
  .union([
    z.boolean(),
    z.strictObject({
      key: secret('A private key of your own: PEM, a JWK, or a path.').optional(),
      algorithm: z.enum(['ES256', 'EdDSA']).describe('Of the key that sonde makes. Without it: ES256.').optional(),
    }),
  ])
  .describe('Binds tokens to a key (RFC 9449): true, or a mapping. Without a key of your own, sonde makes one.')
  .default(false);

export const refresh = z
  .strictObject({
    before_expiry: percentage(
      'The share of its lifetime that a token has left when it is refreshed.',
      'lifetime',
    ).optional(),
    ...scheduleFields,
  })
  .describe('When the token is refreshed: before_expiry, every, or cron. Without it: 20% before expiry.')
  .optional();

export const present = z
  .strictObject({
    header: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/, { error: 'expected the name of a header' })
      .describe('The header that carries the credential.')
      .optional(),
    client_certificate: z
      .boolean()
      .describe('Whether probes show the client certificate too. Without it: true, since the token may be bound to it.')
      .optional(),
  })
  .describe('How the credential is sent. Without it: Authorization: Bearer.')
  .optional();

const modeForm = 'expected the mode of a file, in quotes, such as "0640"';
/** Readable by its owner, executable by nobody, and writable by its owner alone. */
const fileMode = /^0?[46][04][04]$/;

export const exportTo = z
  .strictObject({
    file: z.string().min(1).describe('The file to write.'),
    mode: z
      .string({ error: modeForm })
      .regex(fileMode, { error: `${modeForm}: its owner reads and writes it, others read it at most`, abort: true })
      .describe('The mode of the file, such as "0640". Without it: "0600".')
      .transform((text) => Number.parseInt(text, 8))
      .optional(),
  })
  .describe('Writes the live access token to a file for the service beside sonde.')
  .optional();
