import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ListenError } from '../../src/web/listen.ts';
import { listenForRedirect } from '../../src/web/login-redirect.ts';
import { ask } from './ask.ts';

async function waiting(path = '/callback') {
  const listener = await listenForRedirect({ host: '127.0.0.1', port: 0, path });
  onTestFinished(listener.close);
  const refused: string[] = [];
  const answer = listener.answer(
    (parameters) => parameters.get('state') === 'the-state-itself',
    () => refused.push('refused'),
  );
  const hit = (target: string, method = 'GET', host = `127.0.0.1:${listener.port}`) =>
    ask({
      host: '127.0.0.1',
      port: listener.port,
      path: target,
      method,
      headers: { 'accept-encoding': 'identity', host },
    });
  return { port: listener.port, answer, refused, hit };
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
    expect((await hit('/callback?error=access_denied&state=the-state-itself')).text).toContain(
      'an answer without a code',
    );
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
    const [first, second] = await Promise.allSettled([hit(answered), hit(answered)]);
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

  it.each([
    '/callback',
    '/callback?code=a&state=%3Cscript%3E',
    '/callback?code=a',
    '/callback?error=access_denied&state=other',
    '/callback?error=access_denied',
  ])('refuses %s, which is no answer to this login, repeats none of it, and goes on waiting', async (path) => {
    const { answer, hit, refused } = await waiting();
    const { status, text } = await hit(path);
    expect(status).toBe(400);
    expect(text).toMatch(/^This is no answer to the login that waits here/);
    expect(text).not.toMatch(/script|access_denied|other\b/);
    await hit(path);
    expect(refused).toEqual(['refused']);
    await hit(answered);
    expect((await answer).get('code')).toBe('the-code-itself');
  });

  it('refuses what comes before the login has begun', async () => {
    const listener = await listenForRedirect({ host: '127.0.0.1', port: 0, path: '/' });
    onTestFinished(listener.close);
    const early = await fetch(`http://127.0.0.1:${listener.port}/?code=a&state=undefined`);
    expect(early.status).toBe(400);
  });

  it.each([
    'attacker.example',
    'attacker.example:PORT',
    '127.0.0.1',
    'localhost:1',
    '127.0.0.1:PORT:1',
    '10.0.0.1:PORT',
  ])('refuses what was meant for %s', async (host) => {
    const { answer, hit, port } = await waiting();
    expect((await hit(answered, 'GET', host.replace('PORT', String(port)))).status).toBe(421);
    await hit(answered, 'GET', `localhost:${port}`);
    expect((await answer).get('code')).toBe('the-code-itself');
  });

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
