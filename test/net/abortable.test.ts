import { describe, expect, it } from 'vitest';
import { abortable } from '../../src/net/abortable.ts';

describe('an abortable promise', () => {
  it('starts nothing when the signal is aborted already', async () => {
    const reason = new Error('too late');
    let started = false;
    const promise = abortable(AbortSignal.abort(reason), () => {
      started = true;
      return () => {};
    });
    await expect(promise).rejects.toBe(reason);
    expect(started).toBe(false);
  });

  it('rejects with the reason of an abort and frees what it holds once, whatever is told later', async () => {
    const controller = new AbortController();
    let freed = 0;
    let late = (_: string) => {};
    const promise = abortable<string>(controller.signal, (resolve) => {
      late = resolve;
      return () => {
        freed += 1;
      };
    });
    controller.abort('stop');
    late('answer');
    await expect(promise).rejects.toBe('stop');
    expect(freed).toBe(1);
  });

  it('frees what it holds when it is resolved and when it is rejected', async () => {
    const freed: string[] = [];
    const { signal } = new AbortController();
    const run = (name: string, settle: (resolve: (value: string) => void, reject: (error: unknown) => void) => void) =>
      abortable<string>(signal, (resolve, reject) => {
        setImmediate(() => settle(resolve, reject));
        return () => freed.push(name);
      });
    await expect(run('first', (resolve) => resolve('well'))).resolves.toBe('well');
    await expect(run('second', (_, reject) => reject('badly'))).rejects.toBe('badly');
    expect(freed).toEqual(['first', 'second']);
  });

  it('frees what it holds when it is settled while it starts', async () => {
    let freed = 0;
    const promise = abortable(new AbortController().signal, (resolve) => {
      resolve('at once');
      return () => {
        freed += 1;
      };
    });
    await expect(promise).resolves.toBe('at once');
    expect(freed).toBe(1);
  });

  it('rejects with what its start throws', async () => {
    const promise = abortable(new AbortController().signal, () => {
      throw new RangeError('no');
    });
    await expect(promise).rejects.toThrow(RangeError);
  });
});
