import { describe, expect, it } from 'vitest';
import { loadWell, tellMistakes } from '../support/load-text.ts';

const token = (lines: string) => `tokens:\n  t:\n${lines.replace(/^/gm, '    ')}`;
const code = 'grant: authorization_code\nissuer: https://a.example\nclient_id: a\n';
const service = 'grant: client_credentials\nissuer: https://a.example\nclient_id: a\n';
const bearer = 'grant: jwt_bearer\nissuer: https://a.example\n';

async function definition(lines: string) {
  const { configuration } = await loadWell(token(lines));
  return configuration.tokens[0];
}

describe('what a grant needs', () => {
  tellMistakes({
    'all that authorization_code needs': [
      token('grant: authorization_code\ntoken_endpoint: https://a.example/token'),
      '2:3: tokens.t has no issuer, or token_endpoint and authorization_endpoint; expected it for the grant authorization_code',
      '2:3: tokens.t has no client_id; expected it for the grant authorization_code',
    ],
    'all that device_code needs': [
      token('grant: device_code'),
      '2:3: tokens.t has no issuer, or token_endpoint and device_authorization_endpoint; expected it for the grant device_code',
      '2:3: tokens.t has no client_id; expected it for the grant device_code',
    ],
    'all that jwt_bearer needs': [
      token('grant: jwt_bearer'),
      '2:3: tokens.t has no issuer or token_endpoint; expected it for the grant jwt_bearer',
      '2:3: tokens.t has no assertion or private_key; expected it for the grant jwt_bearer',
    ],
    'an assertion that nothing signs': [
      token(`${bearer}client_id: a\nassertion:\n  subject: me`),
      '7:7: tokens.t.assertion is to be signed, but there is no private_key; expected one, or a ready JWT',
    ],
    'an assertion that speaks for nobody': [
      token(`${bearer}assertion:\n  subject: me`),
      '2:3: tokens.t has no client_id; expected one, or assertion.issuer',
      '6:7: tokens.t.assertion is to be signed, but there is no private_key; expected one, or a ready JWT',
    ],
    'a client without a name': [
      token(`${bearer}assertion: ready-assertion\nclient_secret: abcdefgh`),
      '2:3: tokens.t has no client_id; expected one for client_auth client_secret_basic',
    ],
    'an assertion that is a list': [
      token(`${bearer}client_id: a\nassertion: [x]`),
      '6:16: tokens.t.assertion is a list; expected text, or a mapping',
    ],
    'logins that a grant never has': [
      token(
        `${service}client_secret: abcdefgh\nauthorization_endpoint: https://a.example/authorize\nlogin:\n  pushed: false\nassertion: abcdefgh`,
      ),
      '7:5: tokens.t.authorization_endpoint has no use with the grant client_credentials; expected another grant, or no authorization_endpoint',
      '8:5: tokens.t.login has no use with the grant client_credentials; expected another grant, or no login',
      '10:5: tokens.t.assertion has no use with the grant client_credentials; expected another grant, or no assertion',
    ],
    'what static has no use for': [
      token('grant: static\nvalue: abcdefgh\ndpop: true\nresource: https://a.example\nca: x.pem'),
      '5:5: tokens.t.dpop has no use with the grant static; expected another grant, or no dpop',
      '6:5: tokens.t.resource has no use with the grant static; expected another grant, or no resource',
      '7:5: tokens.t.ca has no use with the grant static; expected another grant, or no ca',
      `7:9: "\${file:x.pem}" is not there; expected a value`,
    ],
    'claims and parameters that sonde sets itself': [
      token(
        `${code}parameters:\n  grant_type: password\n  "": x\n  x: 5\nlogin:\n  parameters:\n    state: x\n    prompt: consent`,
      ),
      '7:7: "grant_type" cannot be a name in tokens.t.parameters; expected another name: sonde sets this parameter itself',
      '8:7: "" cannot be a name in tokens.t.parameters; expected the name of a parameter',
      '9:10: tokens.t.parameters.x is a number; expected text: put it in quotes',
      '12:9: "state" cannot be a name in tokens.t.login.parameters; expected another name: sonde sets this parameter itself',
    ],
    'a claim that sonde sets itself': [
      token(`${bearer}client_id: a\nprivate_key: "{}"\nassertion:\n  claims:\n    exp: 5`),
      '6:18: tokens.t.private_key is a JWK of a public key, which is not secret; expected one with "d"',
      '9:9: "exp" cannot be a name in tokens.t.assertion.claims; expected another name: sonde sets this claim itself',
    ],
    'questions that nobody can be asked': [
      token(
        'grant: refresh_token\ntoken_endpoint: https://a.example/token\nclient_id: a\nrefresh_token: abcdefgh\nintrospect: true\nlogin:\n  pushed: true',
      ),
      '7:17: tokens.t.introspect is true, but there is no issuer or introspection_endpoint; expected one',
      '9:15: tokens.t.login.pushed is true, but there is no issuer or pushed_authorization_request_endpoint; expected one',
    ],
    'addresses of all endpoints in plain text': [
      token(
        `${code}device_authorization_endpoint: http://a.example/d\npushed_authorization_request_endpoint: http://a.example/p\nintrospection_endpoint: http://a.example/i\nrevocation_endpoint: http://127.0.0.1/r`,
      ),
      ...['6:36: tokens.t.device_authorization_endpoint', '7:44: tokens.t.pushed_authorization_request_endpoint'].map(
        (place) => `${place} would send secrets over plain http; expected https, or "allow_http: true" on the token`,
      ),
      '8:29: tokens.t.introspection_endpoint would send secrets over plain http; expected https, or "allow_http: true" on the token',
    ],
    'redirect addresses that would leak a code': [
      ['http://app.example/cb', 'https://a.example/cb#x', 'https://me@a.example/cb', 'cb']
        .map((uri, index) => `  t${index}:\n${`${code}login:\n  redirect_uri: ${uri}\n`.replace(/^(?=.)/gm, '    ')}`)
        .join('')
        .replace(/^/, 'tokens:\n'),
      ...[7, 13, 19, 25].map((line, index) => {
        const shown = ['is "http://app.example/cb"', 'is "https://a.example/cb#x"', 'is not right', 'is "cb"'][index];
        return `${line}:21: tokens.t${index}.login.redirect_uri ${shown}; expected http on loopback such as http://127.0.0.1/callback, or https, without user info and fragment`;
      }),
    ],
    'resources that are none': [
      token(`${code}resource: [api, "https://a.example/#x"]`),
      '6:16: tokens.t.resource.0 is "api"; expected an absolute URI such as https://api.example.com/v1, without a fragment',
      '6:21: tokens.t.resource.1 is "https://a.example/#x"; expected an absolute URI such as https://api.example.com/v1, without a fragment',
    ],
    'modes of a file': [
      ['0640', '"0666"', '"700"', '"rw"']
        .map(
          (mode, index) => `  t${index}:\n${`${code}export: { file: x, mode: ${mode} }\n`.replace(/^(?=.)/gm, '    ')}`,
        )
        .join('')
        .replace(/^/, 'tokens:\n'),
      '6:30: tokens.t0.export.mode is 0640; expected the mode of a file, in quotes, such as "0640"',
      ...[11, 16, 21].map((line, index) => {
        const mode = ['0666', '700', 'rw'][index];
        return `${line}:30: tokens.t${index + 1}.export.mode is "${mode}"; expected the mode of a file, in quotes, such as "0640": its owner reads and writes it, others read it at most`;
      }),
    ],
    'a header beside a proof': [
      token(`${code}dpop: true\npresent:\n  header: x-token\n  client_certificate: true`),
      '8:7: tokens.t.present.header has no use with dpop, which has the header Authorization; expected one of them',
      '9:7: tokens.t.present.client_certificate has no use without a client_certificate; expected one',
    ],
    'a dpop that is none': [
      token(`${code}dpop: ES256`),
      '6:11: tokens.t.dpop is "ES256"; expected true or false, or a mapping',
    ],
    'a proof by an algorithm of a key that is not made': [
      token(`${code}dpop:\n  algorithm: RS256\n  kid: x`),
      '7:18: tokens.t.dpop.algorithm is "RS256"; did you mean "ES256"?',
      '8:7: "kid" is not a key of tokens.t.dpop; expected one of key, algorithm',
    ],
  });
});

describe('how a client shows who it is', () => {
  tellMistakes({
    'what each way needs': [
      ['client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']
        .map((auth, index) => `  t${index}:\n${`${code}client_auth: ${auth}\n`.replace(/^(?=.)/gm, '    ')}`)
        .join('')
        .replace(/^/, 'tokens:\n'),
      '6:18: tokens.t0.client_auth is client_secret_jwt, but there is no client_secret; expected one',
      '11:18: tokens.t1.client_auth is private_key_jwt, but there is no private_key; expected one',
      '16:18: tokens.t2.client_auth is tls_client_auth, but there is no client_certificate; expected one',
      '21:18: tokens.t3.client_auth is self_signed_tls_client_auth, but there is no client_certificate; expected one',
    ],
    'what is never used': [
      token(
        `${code}client_secret: abcdefgh\nkid: k\nsigning_alg: ES256\nclient_assertion_audience: https://a.example\nclient_key: "{}"`,
      ),
      '7:10: tokens.t.kid has no use without a private_key; expected one, or no kid',
      '8:18: tokens.t.signing_alg has no use without a private_key; expected one, or no signing_alg',
      '9:32: tokens.t.client_assertion_audience has no use with client_auth client_secret_basic; expected private_key_jwt or client_secret_jwt',
      '10:17: tokens.t.client_key stands without client_certificate; expected both, or neither',
      '10:17: tokens.t.client_key is a JWK of a public key, which is not secret; expected one with "d"',
    ],
    'a key beside a secret, with a value or without': [
      token(`${code}client_secret: abcdefgh\nprivate_key: "{}"`),
      '7:18: tokens.t.private_key has no use with client_auth client_secret_basic; expected private_key_jwt, or no private_key',
      '7:18: tokens.t.private_key is a JWK of a public key, which is not secret; expected one with "d"',
    ],
    'an unknown key alone': [
      token(`${service}client_secrt: abcdefgh`),
      '6:5: "client_secrt" is not a key of tokens.t; did you mean "client_secret"?',
    ],
  });

  it('is said by what it has', async () => {
    expect(await definition(`${code}client_secret: abcdefgh`)).toMatchObject({ clientAuth: 'client_secret_basic' });
    expect(await definition(code)).toMatchObject({ clientAuth: 'none' });
    expect(await definition(`${bearer}assertion: ready-assertion`)).toMatchObject({ clientAuth: 'none' });
    expect(await definition(`${service}client_auth: none`)).toMatchObject({ clientAuth: 'none' });
  });
});

describe('all keys of an issued token', () => {
  it('come into its definition', async () => {
    const taken = await definition(`grant: authorization_code
issuer: https://a.example
token_endpoint: https://a.example/token
authorization_endpoint: https://a.example/authorize
device_authorization_endpoint: https://a.example/device
pushed_authorization_request_endpoint: https://a.example/par
introspection_endpoint: https://a.example/introspect
revocation_endpoint: https://a.example/revoke
client_id: a
client_secret: abcdefgh
client_auth: client_secret_jwt
client_assertion_audience: https://a.example/
token_request: json
dpop: { algorithm: EdDSA }
resource: [https://api.example, "urn:x:y"]
audience: api
parameters: { tenant: x }
login:
  redirect_uri: http://localhost/cb
  parameters: { prompt: consent }
export: { file: x, mode: "0640" }`);
    expect(taken).toMatchObject({
      endpoints: {
        token: 'https://a.example/token',
        authorization: 'https://a.example/authorize',
        deviceAuthorization: 'https://a.example/device',
        pushedAuthorizationRequest: 'https://a.example/par',
        introspection: 'https://a.example/introspect',
        revocation: 'https://a.example/revoke',
      },
      clientAuth: 'client_secret_jwt',
      clientAssertionAudience: 'https://a.example/',
      tokenRequest: 'json',
      dpop: { algorithm: 'EdDSA' },
      resources: ['https://api.example', 'urn:x:y'],
      audience: 'api',
      parameters: { tenant: 'x' },
      login: { redirectUri: 'http://localhost/cb', pushed: true, parameters: { prompt: 'consent' } },
      introspect: true,
      exportTo: { file: 'x', mode: 0o640 },
    });
    expect(taken?.dpop).not.toHaveProperty('key');
  });

  it('leave asking to those who want it', async () => {
    expect(await definition(`${code}resource: https://api.example\ndpop: false`)).toMatchObject({
      login: { pushed: false, parameters: {} },
      introspect: false,
      resources: ['https://api.example'],
    });
    const off = `${code}introspection_endpoint: https://a.example/i\nintrospect: false\npushed_authorization_request_endpoint: https://a.example/p\nlogin:\n  pushed: false`;
    expect(await definition(off)).toMatchObject({ introspect: false, login: { pushed: false } });
  });

  it('have the assertion that is sent, ready or to be signed', async () => {
    const ready = await definition(`${bearer}assertion: ready-assertion`);
    expect(ready?.assertion).toEqual({ ready: expect.anything() });
    expect(ready?.assertion && 'ready' in ready.assertion && ready.assertion.ready.reveal()).toBe('ready-assertion');
    expect((await definition(code))?.assertion).toBeUndefined();
  });
});

describe('what a reference brings into a request', () => {
  it('is known for masking, wherever only the issuer knows what is secret', async () => {
    const lines = `${code}parameters:\n  api_key: \${env:KEY}\n`;
    const { secrets } = await loadWell(token(lines), { variables: { KEY: 'of-this-issuer' } });
    expect(secrets.map((secret) => secret.reveal())).toContain('of-this-issuer');
  });
});
