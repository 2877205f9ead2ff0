import { describe, expect, it } from 'vitest';
import { createCanaries } from './canaries.ts';
import { awkward } from './canary-setting.ts';
import { echoForms } from './echoes.ts';

const canary = `a-canary-0123456789${awkward}é`;

function leaksOf(text: string, value = canary, lawful: readonly string[] = []) {
  const canaries = createCanaries();
  canaries.add('secret', value);
  canaries.place('log', text, lawful);
  return canaries.leaks();
}

describe('the search for canaries', () => {
  it.each(Object.entries(echoForms))('finds one that is %s', (_, write) => {
    expect(leaksOf(`before ${write(canary)} after`)).toMatchObject([{ canary: `secret ${canary}`, place: 'log' }]);
  });

  it('finds one within other text in base64, and one that has lost its case', () => {
    for (const before of ['', 'x', 'xy'])
      expect(leaksOf(btoa(`${before}canary-0123456789`), 'canary-0123456789')).toHaveLength(1);
    expect(leaksOf('CANARY-0123456789', 'canary-0123456789')).toHaveLength(1);
  });

  it('finds a part of one that is twice as long as what is looked up', () => {
    const long = Array.from({ length: 30 }, (_, index) => `part-${index}`).join(' ');
    expect(leaksOf(long.slice(77, 77 + 32), long)).toHaveLength(1);
  });

  it('finds of PEM what is the key, and of a JWT what no other has', () => {
    const [line, body] = ['MIGHAgEAMBMGByqGSM49AgEGCCqGSM49', 'eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiIxIn0'];
    const pem = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`;
    expect(leaksOf(`a key ${line}`, pem)).not.toEqual([]);
    expect(leaksOf('-----BEGIN PRIVATE KEY-----', pem)).toEqual([]);
    expect(leaksOf(`${body}.another-signature`, `${body}.the-own-signature`)).toEqual([]);
    expect(leaksOf('the-own-signature', `${body}.the-own-signature`)).toHaveLength(1);
  });

  it('finds nothing where there is nothing, nor where a kind may stand', () => {
    expect(leaksOf('[secret] and other text that is long enough')).toEqual([]);
    expect(leaksOf(canary, canary, ['secret'])).toEqual([]);
  });

  it('takes none that is too short to be told from other text', () => {
    expect(() => leaksOf('', 'short')).toThrow(RangeError);
  });
});
