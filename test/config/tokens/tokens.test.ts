import { describe, expect, it } from 'vitest';
import { loadText, tellMistakes } from '../../support/load-text.ts';
import { createVirtualSystem } from '../../support/virtual-system.ts';

const token = (lines: string) => `tokens:\n  t:\n${lines.replace(/^/gm, '    ')}`;

/** A configuration with one token of the grant refresh_token. */
const family = (name: string, seed: string) =>
  `tokens:\n  ${name}:\n    grant: refresh_token\n    token_endpoint: https://auth.example.com/token\n    client_id: a\n    refresh_token: ${seed}\n`;

describe('mistakes of tokens', () => {
  const urlForm = 'expected an absolute URL such as https://auth.example.com, without user info and fragment';
  tellMistakes({
    'a token that is a text': [`tokens:\n  t: abc`, '2:6: tokens.t is not right; expected a mapping'],
    'a grant that is missing': [
      token('client_id: a'),
      '3:5: tokens.t.grant is missing; expected one of client_credentials, refresh_token, authorization_code, jwt_bearer, device_code, static',
    ],
    'a misspelt grant': [
      token('grant: client_credential'),
      '3:12: tokens.t.grant is "client_credential"; did you mean "client_credentials"?',
    ],
    'a grant and a way to authenticate that there are not': [
      token('grant: password\nclient_auth: tls'),
      '3:12: tokens.t.grant is "password"; expected one of client_credentials, refresh_token, authorization_code, jwt_bearer, device_code, static',
      '4:18: tokens.t.client_auth is "tls"; expected one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none',
    ],
    'all that client_credentials needs': [
      token('grant: client_credentials'),
      '2:3: tokens.t has no issuer or token_endpoint; expected it for the grant client_credentials',
      '2:3: tokens.t has no client_id; expected it for the grant client_credentials',
      '2:3: tokens.t has no client_secret, private_key or client_certificate; expected one for the grant client_credentials',
    ],
    'all that refresh_token needs': [
      token('grant: refresh_token\ntoken_endpoint: https://auth.example.com/token'),
      '2:3: tokens.t has no client_id; expected it for the grant refresh_token',
      '2:3: tokens.t has no refresh_token; expected it for the grant refresh_token',
    ],
    'what static needs and does not': [
      token('grant: static\nissuer: https://auth.example.com'),
      '2:3: tokens.t has no value; expected it for the grant static',
      '4:5: tokens.t.issuer has no use with the grant static; expected another grant, or no issuer',
    ],
    'a misspelt key, and not that it is missing': [
      token('grant: static\nvalu: abc'),
      '4:5: "valu" is not a key of tokens.t; did you mean "value"?',
    ],
    'a secret that is a number, which it does not show': [
      token('grant: static\nvalue: 1234567'),
      '4:12: tokens.t.value is a number; expected text: put it in quotes',
    ],
    'a credential that no header can carry, which it does not show': [
      token('grant: static\nvalue: "abcdefg\\n"'),
      '4:12: tokens.t.value is not right; expected printable ASCII on one line, since a header has to carry it',
    ],
    'a secret that is true or empty': [
      `${token('grant: static\nvalue: true')}\n  u:\n    grant: static\n    value:`,
      '4:12: tokens.t.value is true or false; expected text: put it in quotes',
      '7:5: tokens.u.value is empty; expected text',
    ],
    'addresses of issuers': [
      token(
        'grant: client_credentials\nclient_id: a\nclient_secret: abcdef\nissuer: auth.example.com\ntoken_endpoint: https://me@auth.example.com\nintrospection_endpoint: 5',
      ),
      `6:13: tokens.t.issuer is "auth.example.com"; ${urlForm}`,
      `7:21: tokens.t.token_endpoint is not right; ${urlForm}`,
      '8:29: tokens.t.introspection_endpoint is 5; expected an absolute URL such as https://auth.example.com',
    ],
    'an issuer in plain text': [
      token('grant: client_credentials\nclient_id: a\nclient_secret: abcdef\nissuer: http://auth.example.com'),
      '6:13: tokens.t.issuer would send secrets over plain http; expected https, or "allow_http: true" on the token',
    ],
    'authentication that does not fit the secret': [
      `${token('grant: refresh_token\nclient_id: a\nrefresh_token: abcdef\nissuer: https://auth.example.com\nclient_auth: client_secret_post')}\n  u:\n    grant: client_credentials\n    client_id: a\n    client_secret: abcdef\n    issuer: https://auth.example.com\n    client_auth: none`,
      '7:18: tokens.t.client_auth is client_secret_post, but there is no client_secret; expected one',
      '13:18: tokens.u.client_auth is none, but there is a client_secret; expected one of them',
    ],
    'keys that static does not look at': [
      token('grant: static\nvalue: abcdef\nrefresh:\n  every: 5m\nexport:\n  file: /x'),
      '5:5: tokens.t.refresh has no use with the grant static; expected another grant, or no refresh',
      '7:5: tokens.t.export has no use with the grant static; expected another grant, or no export',
    ],
    'refresh twice': [
      token(
        'grant: client_credentials\nissuer: https://a.example\nclient_id: a\nclient_secret: abcdef\nrefresh:\n  before_expiry: 20%\n  every: 5m',
      ),
      '8:7: tokens.t.refresh has both before_expiry and every; expected one of them',
    ],
    'refresh before and by a cron expression': [
      token(
        'grant: client_credentials\nissuer: https://a.example\nclient_id: a\nclient_secret: abcdef\nrefresh:\n  before_expiry: 20%\n  cron: 0 * * * *',
      ),
      '8:7: tokens.t.refresh has both before_expiry and cron; expected one of them',
    ],
    'one refresh token for two': [
      `${family('t', 'seed-of-one')}${family('u', 'seed-of-two').slice(8)}${family('v', 'seed-of-one').slice(8)}`,
      '16:20: tokens.v.refresh_token is that of tokens.t too (sonde.yaml:6:20); expected another one: a family of refresh tokens has one owner',
    ],
    'a header that frames the message, or is meant for a proxy': [
      ['Content-Length', 'host', 'TE', 'keep-alive', 'Proxy-Authorization']
        .map(
          (header, index) =>
            `  t${index}:\n    grant: static\n    value: abcdef\n    present:\n      header: ${header}\n`,
        )
        .join('')
        .replace(/^/, 'tokens:\n'),
      '6:15: tokens.t0.present.header cannot be used: this header is set by sonde itself; expected one that may carry a credential',
      '11:15: tokens.t1.present.header cannot be used: this header is not for credentials of a target; expected one that may carry a credential',
      '16:15: tokens.t2.present.header cannot be used: this header is set by sonde itself; expected one that may carry a credential',
      '21:15: tokens.t3.present.header cannot be used: this header is set by sonde itself; expected one that may carry a credential',
      '26:15: tokens.t4.present.header cannot be used: this header is not for credentials of a target; expected one that may carry a credential',
    ],
    'other keys': [
      token(
        'grant: client_credentials\nissuer: https://a.example\nclient_id: a\nclient_secret: abcdef\nrefresh:\n  before_expiry: 20\nscopes: [a b]\nsend_to: [https://a.example/x, a.example]\npresent:\n  header: a b\nexport: /x\nbudget: b\ntimeout: 0s',
      ),
      '8:22: tokens.t.refresh.before_expiry is 20; expected a share of the lifetime such as 20%, from 1% to 99%',
      '9:14: tokens.t.scopes.0 is "a b"; expected one scope, without spaces and quotes',
      '10:15: tokens.t.send_to.0 is "https://a.example/x"; expected an origin such as https://api.example.com, without a path',
      '10:36: tokens.t.send_to.1 is "a.example"; expected an origin such as https://api.example.com, without a path',
      '12:15: tokens.t.present.header is "a b"; expected the name of a header',
      '13:13: tokens.t.export is "/x"; expected a mapping',
      '14:13: tokens.t.budget: there is no budget "b"; expected default',
      '15:14: tokens.t.timeout is "0s"; expected 1ms to 366d',
    ],
  });
});

describe('one refresh token for two tokens', () => {
  const both = (first: string, second: string) => `${family('t', first)}${family('u', second).slice(8)}`;
  const env = (name: string) => `\${env:${name}}`;
  const said =
    'sonde.yaml:11:20: tokens.u.refresh_token is that of tokens.t too (sonde.yaml:6:20); expected another one: a family of refresh tokens has one owner';

  it('is seen through references, and not shown', async () => {
    const system = createVirtualSystem();
    system.environmentVariables.set('ONE', 'seed-of-one').set('SAME', 'seed-of-one').set('TWO', 'seed-of-two');
    expect((await loadText(both(env('ONE'), env('SAME')), { system })).problems).toEqual([said]);
    expect((await loadText(both(env('ONE'), 'seed-of-one'), { system })).problems).toEqual([said]);
    expect((await loadText(both(env('ONE'), env('TWO')), { system })).problems).toEqual([]);
  });

  it('is seen where the references have no value', async () => {
    const { problems } = await loadText(both(env('ONE'), env('ONE')), { unresolved: 'warning' });
    expect(problems).toEqual([said]);
    expect((await loadText(both(env('ONE'), env('TWO')), { unresolved: 'warning' })).problems).toEqual([]);
  });
});
