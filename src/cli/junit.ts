import { causeOf, causes } from '../model/cause.ts';
import type { Result } from '../model/result.ts';

/** Characters that XML 1.0 cannot hold, in whatever form (section 2.2). */
const unspeakable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeXml(text: string): string {
  return text.replace(unspeakable, '\uFFFD').replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);

/**
 * Results as a JUnit report, for CI servers: failed runs are failures, errored ones errors, skipped ones skipped.
 * Fifteen lines of XML are written here rather than by a library that brings twenty packages.
 */
export function junitReport(results: readonly Result[]): string {
  const count = (kind: string) => results.filter(({ outcome }) => outcome.kind === kind).length;
  const totalMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="sonde" tests="${results.length}" failures="${count('failed')}" errors="${count('errored')}" skipped="${count('skipped')}" time="${seconds(totalMs)}">`,
    ...results.flatMap(testCase),
    '</testsuite>',
    '',
  ].join('\n');
}

function testCase({ check, durationMs, outcome }: Result): string[] {
  const attributes = `name="${escapeXml(check.name)}" classname="${escapeXml(`sonde.${check.kind}`)}" time="${seconds(durationMs)}"`;
  const cause = causeOf(outcome);
  if (!cause) return [`  <testcase ${attributes}/>`];
  const element = { passed: '', failed: 'failure', errored: 'error', skipped: 'skipped' }[outcome.kind];
  const { sentence, action } = causes[cause.code];
  const type = outcome.kind === 'skipped' ? '' : ` type="${cause.code}"`;
  const message = ` message="${escapeXml(`${cause.code}: ${cause.detail}`)}"`;
  return [
    `  <testcase ${attributes}>`,
    `    <${element}${message}${type}>${escapeXml(`${sentence} ${action}`)}</${element}>`,
    '  </testcase>',
  ];
}
