import { describe, expect, it } from 'vitest';
import { namesCredential, namesSession } from '../../src/model/credential-name.ts';

describe('namesCredential', () => {
  it.each([
    ...['Authorization', 'Proxy-Authorization', 'X-Api-Key', 'apikey', 'X-Goog-Api-Key', 'Ocp-Apim-Subscription-Key'],
    ...['X-Amz-Security-Token', 'X-Secret', 'PRIVATE-TOKEN', 'access_token', 'client_secret', 'clientSecret', 'token'],
    ...['password', 'client_assertion', 'secretAccessKey', 'user[password]', 'sig', 'DD-APPLICATION-KEY'],
  ])('takes %s for one', (name) => {
    expect(namesCredential(name)).toBe(true);
  });

  it.each([
    ...['key', 'Idempotency-Key', 'Sec-WebSocket-Key', 'public_key', 'max_tokens', 'token_type', 'subject_token_type'],
    ...['pageToken', 'next_page_token', 'X-CSRF-Token', 'X-Atlassian-Token', 'secret_name', 'password_hint', 'accept'],
    ...['access_key_id', 'author', 'authority'],
  ])('leaves %s alone', (name) => {
    expect(namesCredential(name)).toBe(false);
  });
});

describe('namesSession', () => {
  it.each(['session', 'JSESSIONID', 'PHPSESSID', 'connect.sid', 'auth', 'csrftoken', 'jwt'])('takes %s', (name) => {
    expect(namesSession(name)).toBe(true);
  });

  it.each(['consent', 'lang', 'theme', 'inside'])('leaves %s alone', (name) => {
    expect(namesSession(name)).toBe(false);
  });
});
