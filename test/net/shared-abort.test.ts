import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createSharedAbort } from '../../src/net/shared-abort.ts';

const listeners = ({ signal }: AbortController) => getEventListeners(signal, 'abort').length;

describe('an abort that many wait for', () => {
  it('is heard by one listener a signal, which stays', () => {
    const [many, one] = [new AbortController(), new AbortController()];
    const aborts = createSharedAbort();
    const unwatch = Array.from({ length: 1000 }, () => aborts.watch(many.signal, () => {}));
    unwatch.push(aborts.watch(one.signal, () => {}));
    expect([many, one].map(listeners)).toEqual([1, 1]);
    for (const stop of unwatch) stop();
    expect([many, one].map(listeners)).toEqual([1, 1]);
    aborts.watch(many.signal, () => {});
    expect(listeners(many)).toBe(1);
  });

  it('calls back all who still watch that signal, in their order and once each, and nobody else', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const aborts = createSharedAbort();
    const heard: string[] = [];
    const shared = () => heard.push('shared');
    const unwatchFirst = aborts.watch(first.signal, shared);
    aborts.watch(first.signal, shared);
    aborts.watch(first.signal, () => heard.push('third'));
    aborts.watch(second.signal, () => heard.push('elsewhere'));
    unwatchFirst();
    first.abort();
    expect(heard).toEqual(['shared', 'third']);
    second.abort();
    expect(heard).toEqual(['shared', 'third', 'elsewhere']);
  });

  it('is not heard by who stops watching while it is told', () => {
    const controller = new AbortController();
    const aborts = createSharedAbort();
    const heard: string[] = [];
    const unwatch: (() => void)[] = [];
    unwatch.push(
      aborts.watch(controller.signal, () => {
        heard.push('first');
        for (const stop of unwatch) stop();
      }),
      aborts.watch(controller.signal, () => heard.push('second')),
    );
    controller.abort();
    expect(heard).toEqual(['first']);
    expect(listeners(controller)).toBe(0);
  });
});
