import { jsonpath } from 'json-p3';
import type { Effort } from './effort.ts';
import { isList, isMapping, jsonEqual, visit } from './json-value.ts';
import { compilePattern } from './pattern.ts';

const { FilterQuery, FunctionExtension, InfixExpression, PrefixExpression, RelativeQuery, StringLiteral } =
  jsonpath.expressions;

type Expression = jsonpath.expressions.FilterExpression;
type FilterQuery = jsonpath.expressions.FilterQuery;
type FunctionExtension = jsonpath.expressions.FunctionExtension;
type InfixExpression = jsonpath.expressions.InfixExpression;

/** What an evaluation works on: the whole document, and the work that it may still do. */
export interface Scope {
  readonly root: unknown;
  readonly effort: Effort;
}

/** The values that a query finds from a starting value. */
export type Select = (start: unknown, scope: Scope) => unknown[];

/** Whether a filter keeps a value. */
export type Test = (current: unknown, scope: Scope) => boolean;

type CompileQuery = (query: jsonpath.JSONPathQuery) => Select;

type Value = (current: unknown, scope: Scope) => unknown;

/** The absence of a value (RFC 9535 section 2.4.1), which is not JSON's null. */
const nothing = Symbol('nothing');

/**
 * Compiles what stands behind the `?` of a filter. The parser has checked that all parts are of the right types
 * (RFC 9535 section 2.4.3). Throws an `Error` with a sentence for a pattern that is not right.
 */
export function compileTest(expression: Expression, compileQuery: CompileQuery): Test {
  const test = (part: Expression) => compileTest(part, compileQuery);
  if (expression instanceof PrefixExpression) {
    const inner = test(expression.right);
    return (current, scope) => !inner(current, scope);
  }
  if (expression instanceof InfixExpression) {
    if (!expression.logical) return comparison(expression, compileQuery);
    const [left, right] = [test(expression.left), test(expression.right)];
    return expression.operator === '&&'
      ? (current, scope) => left(current, scope) && right(current, scope)
      : (current, scope) => left(current, scope) || right(current, scope);
  }
  if (expression instanceof FilterQuery) {
    const nodes = nodesOf(expression, compileQuery);
    return (current, scope) => nodes(current, scope).length > 0;
  }
  return patternTest(expression as FunctionExtension, compileQuery);
}

function nodesOf(query: FilterQuery, compileQuery: CompileQuery): Select {
  const select = compileQuery(query.path);
  return query instanceof RelativeQuery ? select : (_current, scope) => select(scope.root, scope);
}

function compileValue(expression: Expression, compileQuery: CompileQuery): Value {
  if (expression instanceof FunctionExtension) return functionValue(expression, compileQuery);
  if (expression instanceof FilterQuery) return onlyOne(nodesOf(expression, compileQuery));
  const literal = 'value' in expression ? expression.value : null;
  return () => literal;
}

function onlyOne(nodes: Select): Value {
  return (current, scope) => {
    const found = nodes(current, scope);
    return found.length === 1 ? found[0] : nothing;
  };
}

/** `length`, `count` and `value` (RFC 9535 section 2.4). */
function functionValue({ name, args }: FunctionExtension, compileQuery: CompileQuery): Value {
  if (name === 'length') {
    const value = compileValue(args[0] as Expression, compileQuery);
    return (current, scope) => lengthOf(value(current, scope), scope.effort);
  }
  const nodes = nodesOf(args[0] as FilterQuery, compileQuery);
  return name === 'count' ? (current, scope) => nodes(current, scope).length : onlyOne(nodes);
}

function lengthOf(value: unknown, effort: Effort): unknown {
  if (isList(value)) return value.length;
  const parts = isMapping(value) ? Object.keys(value) : typeof value === 'string' ? Array.from(value) : undefined;
  if (!parts) return nothing;
  effort.spend(visit * parts.length);
  return parts.length;
}

/** `match` and `search` (RFC 9535 section 2.4). The pattern stands in the path, so that it is known to be right. */
function patternTest({ name, args }: FunctionExtension, compileQuery: CompileQuery): Test {
  const [subject, source] = args as [Expression, Expression];
  if (!(source instanceof StringLiteral)) throw new TypeError(`the pattern of ${name}() must stand in the path itself`);
  const expression = withoutLineEnds(source.value);
  const pattern = compilePattern(name === 'match' ? `^(?:${expression})$` : expression);
  const value = compileValue(subject, compileQuery);
  return (current, scope) => {
    const text = value(current, scope);
    return typeof text === 'string' && pattern.foundIn(text, scope.effort);
  };
}

/** The dot of an I-Regexp leaves out both line ends (RFC 9485 section 5.3); the one of RE2 only `\n`. */
function withoutLineEnds(pattern: string): string {
  return pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\./gsu, (part) => (part === '.' ? '[^\\n\\r]' : part));
}

/** RFC 9535 section 2.3.5.2.2. */
function comparison({ left, operator, right }: InfixExpression, compileQuery: CompileQuery): Test {
  const [leftValue, rightValue] = [compileValue(left, compileQuery), compileValue(right, compileQuery)];
  return (current, scope) => {
    const [a, b] = [leftValue(current, scope), rightValue(current, scope)];
    if (operator === '==') return jsonEqual(a, b, scope.effort);
    if (operator === '!=') return !jsonEqual(a, b, scope.effort);
    if (operator === '<') return less(a, b);
    if (operator === '>') return less(b, a);
    return (operator === '<=' ? less(a, b) : less(b, a)) || jsonEqual(a, b, scope.effort);
  };
}

function less(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return typeof a === 'string' && typeof b === 'string' && a < b;
}
