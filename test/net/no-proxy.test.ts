import { describe, expect, it } from 'vitest';
import { bypassesProxy } from '../../src/net/no-proxy.ts';

const bypasses = (url: string, ...noProxy: string[]) => bypassesProxy(new URL(url), noProxy);

describe('the list of hosts without a proxy', () => {
  it.each([
    ['*', 'https://anything.example/'],
    ['api.example', 'https://api.example/'],
    ['API.Example ', 'https://api.example/'],
    ['example', 'https://api.example/'],
    ['.example', 'https://api.example/'],
    ['*.example', 'https://api.example/'],
    ['api.example', 'https://api.example./'],
    ['api.example:8443', 'https://api.example:8443/'],
    ['api.example:443', 'https://api.example/'],
    ['api.example:80', 'http://api.example/'],
    ['10.1.2.3', 'http://10.1.2.3:8080/'],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080/'],
    ['::1', 'http://[::1]/'],
    ['[::1]', 'http://[::1]/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['10.0.0.0/8', 'http://10.1.2.3/'],
    ['fd00::/8', 'http://[fd00::2]/'],
  ])('%s covers %s', (entry, url) => {
    expect(bypasses(url, entry)).toBe(true);
  });

  it.each([
    ['', 'https://api.example/'],
    ['api.example', 'https://other.example/'],
    ['api.example', 'https://my-api.example/'],
    ['.api.example', 'https://api.example/'],
    ['api.example:443', 'https://api.example:8443/'],
    ['3', 'http://10.1.2.3/'],
    ['[::1]:80', 'http://[::1]:8080/'],
    ['10.0.0.0/8', 'http://11.1.2.3/'],
    ['10.0.0.0/8', 'http://api.example/'],
    ['10.0.0.0/33', 'http://10.0.0.0/'],
    ['10.0.0.0/', 'http://10.0.0.0/'],
    ['fd00::/129', 'http://[fd00::]/'],
    ['example/8', 'http://10.0.0.0/'],
  ])('%s does not cover %s', (entry, url) => {
    expect(bypasses(url, entry)).toBe(false);
  });

  it('needs one entry of several, and covers nothing when it is empty', () => {
    expect(bypasses('https://api.example/', 'other.example', 'api.example')).toBe(true);
    expect(bypasses('https://api.example/')).toBe(false);
  });
});
