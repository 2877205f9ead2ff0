import { describe, expect, it } from 'vitest';
import { createRunSecrets } from '../../src/engine/run-secrets.ts';

const mask = (text: string) => text.replaceAll('known-token', '[secret]');

function secretsOf({ sent = {}, received = {} }: { sent?: Record<string, string>; received?: Record<string, string> }) {
  const secrets = createRunSecrets(mask);
  secrets.sent(sent);
  secrets.received(received);
  return secrets;
}

describe('the secrets of one run', () => {
  it('are the proof that it signed and the credential that it sent, however an answer writes them', () => {
    const proof = 'eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiJ+MSJ9.c2ln/bmF0dXJl';
    const { mask: shown } = secretsOf({ sent: { authorization: 'DPoP borrowed-token', dpop: proof } });
    expect(shown(`bad proof ${proof} for borrowed-token`)).toBe('bad proof [secret] for [secret]');
    expect(shown(`?proof=${encodeURIComponent(proof)}`)).toBe('?proof=[secret]');
    expect(shown(JSON.stringify({ proof }))).toBe('{"proof":"[secret]"}');
    expect(shown(btoa('borrowed-token'))).toMatch(/^\[secret\].{0,3}$/);
    expect(shown('the scheme DPoP stays, and known-token goes')).toBe('the scheme DPoP stays, and [secret] goes');
  });

  it('are the cookies that the target set, but not their names and terms', () => {
    const cookies =
      'session=0123456789abcdef; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT, theme="dark-as-night"; Secure';
    const { mask: shown } = secretsOf({ received: { 'set-cookie': cookies } });
    expect(shown('your session 0123456789abcdef is over; dark-as-night')).toBe(
      'your session [secret] is over; [secret]',
    );
    expect(shown(cookies)).toBe(
      'session=[secret]; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT, theme="[secret]"; Secure',
    );
  });

  it('are cookies that were encoded too, whether they come back so or not', () => {
    const { mask: shown } = secretsOf({ received: { 'set-cookie': 'sid=s%3Aabc%2Fdef.1%2B2' } });
    expect(shown('no session s:abc/def.1+2, that is s%3Aabc%2Fdef.1%2B2')).toBe(
      'no session [secret], that is [secret]',
    );
  });

  it('are hidden whole where a part of them is known elsewhere', () => {
    const { mask: shown } = secretsOf({ sent: { dpop: 'proof-with-known-token-in-it' } });
    expect(shown('bad proof-with-known-token-in-it')).toBe('bad [secret]');
  });

  it('leave short values, and those of a run that has none, alone', () => {
    expect(secretsOf({ received: { 'set-cookie': 'a=on; Path=/' } }).mask('turned on')).toBe('turned on');
    expect(secretsOf({}).mask('a known-token')).toBe('a [secret]');
    expect(secretsOf({ sent: { authorization: 'Bearer known-token' } }).mask('x')).toBe('x');
  });
});
