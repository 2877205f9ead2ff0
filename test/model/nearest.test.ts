import { describe, expect, it } from 'vitest';
import { nearest, suggest } from '../../src/model/nearest.ts';

describe('nearest', () => {
  it.each([
    ['evry', 'every'],
    ['timeuot', 'timeout'],
    ['chekcs', 'checks'],
    ['allowHttp', 'allow_http'],
    ['Allow-Http', 'allow_http'],
    ['labelss', 'labels'],
    ['tokne', 'token'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearest(name, ['every', 'timeout', 'checks', 'allow_http', 'labels', 'token'])).toBe(meant);
  });

  it('takes the closest of several', () => {
    expect(nearest('prod2', ['prod1x', 'prod1', 'prod'])).toBe('prod1');
  });

  it('takes nothing for what is like none, or too long to be a slip', () => {
    expect(nearest('xyz', ['every', 'cron'])).toBeUndefined();
    expect(nearest('x'.repeat(101), ['x'.repeat(100)])).toBeUndefined();
    expect(nearest('x', ['x'.repeat(101)])).toBeUndefined();
  });
});

describe('suggest', () => {
  it('names what was meant, or all there is', () => {
    expect(suggest('evry', ['every'])).toBe('did you mean "every"?');
    expect(suggest('x', ['every'])).toBe('expected every');
    expect(suggest('x', ['every', 'cron'])).toBe('expected one of every, cron');
    expect(suggest('x', [])).toBe('there are none');
  });

  it('cuts a list that helps nobody', () => {
    const names = Array.from({ length: 40 }, (_, index) => `name-${index}`);
    expect(suggest('x', names)).toMatch(/^expected one of name-0, .*name-29, …$/);
  });
});
