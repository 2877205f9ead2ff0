import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ListenError } from '../../src/web/listen.ts';
import { listenForRedirect } from '../../src/web/login-redirect.ts';
import { ask } from './ask.ts';

async function waiting(path = '/callback') {
  const listener = await listenForRedirect({ host: '127.0.0.1', port: 0, path });
  onTestFinished(listener.close);
  const hit = (target: string, method = 'GET') =>
    ask({ host: '127.0.0.1', port: listener.port, path: target, method, headers: { 'accept-encoding': 'identity' } });
  return { ...listener, hit };
}

const answered = '/callback?code=the-code-itself&state=the-state-itself';

describe('the listener that a browser comes back to', () => {
  it('takes the answer, and shows a page that tells nothing of it', async () => {
    const { answer, hit } = await waiting();
    const page = await hit(answered);
    expect(page.status).toBe(200);
    expect(page.text).toContain('You can close this window.');
    expect(page.text).not.toMatch(/the-(code|state)-itself|href|src=/);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-frame-options': 'DENY',
      connection: 'close',
    });
    expect(Object.fromEntries(await answer)).toEqual({ code: 'the-code-itself', state: 'the-state-itself' });
  });

  it('takes an error as well, and says that there is no code', async () => {
    const { answer, hit } = await waiting();
    expect((await hit('/callback?error=access_denied&state=s')).text).toContain('an answer without a code');
    expect((await answer).get('error')).toBe('access_denied');
  });

  it('is gone once it has its answer', async () => {
    const { answer, hit } = await waiting();
    await hit(answered);
    await answer;
    await expect(hit(answered)).rejects.toThrow('ECONNREFUSED');
  });

  it('refuses a second answer that comes beside the first', async () => {
    const { answer, hit } = await waiting();
    const [first, second] = await Promise.allSettled([hit(answered), hit('/callback?code=other&state=other')]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { status: 200 } });
    if (second.status === 'fulfilled') expect(second.value.status).toBe(410);
    expect((await answer).get('code')).toBe('the-code-itself');
  });

  it.each(['/', '/favicon.ico', '/callback/', '/callbac%6b?code=a', '//', '/../callbacks'])(
    'knows nothing at %s, and goes on waiting',
    async (path) => {
      const { answer, hit } = await waiting();
      expect((await hit(path)).status).toBe(404);
      await hit(answered);
      expect((await answer).get('code')).toBe('the-code-itself');
    },
  );

  it('takes answers by GET alone', async () => {
    const { hit } = await waiting();
    expect(await hit(answered, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await hit(answered, 'HEAD')).status).toBe(405);
  });

  it('says that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const taken = listenForRedirect({ host: '127.0.0.1', port, path: '/' });
    await expect(taken).rejects.toThrow(ListenError);
    await expect(taken).rejects.toThrow(`sonde cannot listen on 127.0.0.1:${port}`);
  });
});
