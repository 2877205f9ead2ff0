import { describe, expect, it } from 'vitest';
import { formatProblem, sortProblems } from '../../src/config/problem.ts';

describe('problems', () => {
  it('are shown with as much of their place as they have', () => {
    expect(formatProblem({ file: 'a', line: 1, column: 2, message: 'm' })).toBe('a:1:2: m');
    expect(formatProblem({ file: 'a', message: 'm' })).toBe('a: m');
    expect(formatProblem({ message: 'm' })).toBe('m');
  });

  it('are sorted by file, line and column, and told once', () => {
    const sorted = [
      { message: 'none' },
      { file: 'a', message: 'file' },
      { file: 'a', line: 2, column: 10, message: 'x' },
      { file: 'a', line: 10, column: 1, message: 'x' },
      { file: 'a', line: 10, column: 9, message: 'x' },
      { file: 'b', line: 1, column: 1, message: 'x' },
    ];
    expect(sortProblems([...sorted, ...sorted].reverse())).toEqual(sorted);
  });
});
