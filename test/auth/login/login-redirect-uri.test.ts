import { describe, expect, it } from 'vitest';
import { loopbackRedirect } from '../../../src/auth/login/login-redirect-uri.ts';

describe('the address that the browser comes back to', () => {
  it('is on loopback, on whatever port is free, unless one is registered', () => {
    const redirect = loopbackRedirect();
    expect(redirect).toMatchObject({ host: '127.0.0.1', port: 0, path: '/callback' });
    expect(redirect?.at(53001)).toBe('http://127.0.0.1:53001/callback');
  });

  it.each([
    ['http://127.0.0.1/cb', '127.0.0.1', 0, '/cb', 'http://127.0.0.1:53001/cb'],
    ['http://127.0.0.1', '127.0.0.1', 0, '/', 'http://127.0.0.1:53001'],
    ['http://localhost/cb?app=1', '127.0.0.1', 0, '/cb', 'http://localhost:53001/cb?app=1'],
    ['http://localhost:8400', '127.0.0.1', 8400, '/', 'http://localhost:8400'],
    ['http://127.0.0.1:80/cb', '127.0.0.1', 80, '/cb', 'http://127.0.0.1:80/cb'],
    ['http://[::1]:8400/cb', '::1', 8400, '/cb', 'http://[::1]:8400/cb'],
    ['http://[::1]/cb', '::1', 0, '/cb', 'http://[::1]:53001/cb'],
  ])('%s is listened at, and stays as it is but for the port', (configured, host, port, path, bound) => {
    const redirect = loopbackRedirect(configured);
    expect(redirect).toMatchObject({ host, port, path });
    expect(redirect?.at(53001)).toBe(bound);
  });

  it.each([
    'https://app.example/cb',
    'http://app.example/cb',
    'https://127.0.0.1/cb',
    'com.example.app:/cb',
    'urn:ietf:wg:oauth:2.0:oob',
    'http://127.0.0.1@app.example/cb',
    'http://127.0.0.1:99999/cb',
    'nothing',
  ])('%s is nowhere that sonde could listen', (configured) => {
    expect(loopbackRedirect(configured)).toBeUndefined();
  });
});
