import { describe, expect, it } from 'vitest';
import { distinctServers, parseHostPort, parseTimeServer, showHostPort } from '../../src/model/host-port.ts';

describe('host and port', () => {
  it.each([
    ['time.example.net', { host: 'time.example.net', port: 123 }],
    ['time.example.net:1123', { host: 'time.example.net', port: 1123 }],
    ['192.0.2.1', { host: '192.0.2.1', port: 123 }],
    ['2001:db8::1', { host: '2001:db8::1', port: 123 }],
    ['[2001:db8::1]', { host: '2001:db8::1', port: 123 }],
    ['[2001:db8::1]:1123', { host: '2001:db8::1', port: 1123 }],
  ])('takes %s apart, with a default port', (text, expected) => {
    expect(parseHostPort(text, 123)).toEqual(expected);
  });

  it.each(['', 'time.example.net', 'host:', 'host:99999', 'host:1:2', 'user@host:1', 'http://host', '2001:db8::1'])(
    'does not take "%s" without one',
    (text) => {
      expect(parseHostPort(text)).toBeUndefined();
    },
  );

  it('takes the port 0 to listen on, not to ask a time server at', () => {
    expect(parseHostPort('localhost:0')).toEqual({ host: 'localhost', port: 0 });
    for (const text of ['time.example.net:0', '[2001:db8::1]:0', '192.0.2.1:00000'])
      expect(parseTimeServer(text)).toBeUndefined();
    expect(parseTimeServer('time.example.net')).toEqual({ host: 'time.example.net', port: 123 });
    expect(parseTimeServer('time.example.net:1')).toEqual({ host: 'time.example.net', port: 1 });
  });

  it('shows them so that they are read as the same again, and without a port that goes without saying', () => {
    expect(showHostPort({ host: 'time.example.net', port: 123 }, 123)).toBe('time.example.net');
    expect(showHostPort({ host: '2001:db8::1', port: 123 }, 123)).toBe('2001:db8::1');
    expect(showHostPort({ host: 'time.example.net', port: 1123 }, 123)).toBe('time.example.net:1123');
    expect(showHostPort({ host: '2001:db8::1', port: 1123 }, 123)).toBe('[2001:db8::1]:1123');
  });

  it('takes a server that is named twice, in other case or with a dot at its end, for one, as it was named first', () => {
    const named = ['NTP.example.net', 'ntp.example.net.', 'ntp.example.net:123', 'ntp.example.net:1123', '2001:DB8::1'];
    const servers = [...named, '2001:db8::1'].flatMap((text) => parseTimeServer(text) ?? []);
    expect(distinctServers(servers).map((server) => showHostPort(server, 123))).toEqual([
      'NTP.example.net',
      'ntp.example.net:1123',
      '2001:DB8::1',
    ]);
  });
});
