import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Control, startControl } from './control.ts';
import { createFaultSwitch } from './fault-switch.ts';

const faults = createFaultSwitch({ slow: { sentence: 'Late.' }, dead: { sentence: 'Never.' } }, () =>
  Promise.resolve(),
);
let control: Control;

beforeAll(async () => {
  control = await startControl(0, { api: faults });
});

afterAll(() => control.close());

beforeEach(() => faults.clear());

const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${control.origin}${path}`, { method, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('the control server', () => {
  it('lists the faults of each server', async () => {
    expect(await ask('GET', '/faults')).toEqual({
      status: 200,
      body: {
        api: [
          { name: 'slow', sentence: 'Late.', on: [] },
          { name: 'dead', sentence: 'Never.', on: [] },
        ],
      },
    });
  });

  it('breaks everything or one path, and heals all', async () => {
    await ask('POST', '/faults/api/slow');
    const { body } = await ask('POST', '/faults/api/dead?path=/v1/models');
    expect([faults.on('/health'), faults.on('/v1/models')]).toEqual(['slow', 'dead']);
    expect(body).toEqual({
      api: [
        { name: 'slow', sentence: 'Late.', on: ['*'] },
        { name: 'dead', sentence: 'Never.', on: ['/v1/models'] },
      ],
    });
    expect(await ask('DELETE', '/faults')).toEqual({ status: 200, body: { api: [] } });
    expect([faults.on('/health'), faults.on('/v1/models')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['POST', '/faults/api/sluggish', 'it has: slow, dead'],
    ['POST', '/faults/toString/slow', 'the servers: api'],
    ['PUT', '/faults/api/slow', 'POST to /faults/SERVER/FAULT'],
    ['GET', '/', 'only /faults'],
  ])('says what is wrong with %s %s', async (method, path, hint) => {
    const { status, body } = await ask(method, path);
    expect(status).toBe(400);
    expect(body.error).toContain(hint);
  });

  it('takes nothing from a page in a browser', async () => {
    expect((await ask('POST', '/faults/api/slow', { origin: 'http://elsewhere.example' })).status).toBe(400);
    expect(faults.on('/health')).toBeUndefined();
  });
});
