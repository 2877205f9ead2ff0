// Plain JavaScript for Node 20: the closing line of `.ci/run`, from the report of the tests and their exit code.
import { readFileSync } from 'node:fs';

const [report, status] = process.argv.slice(2);

/** Without a member when the tests were not reached. */
function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return {};
  }
}

const {
  numPassedTests = 0,
  numFailedTests = 0,
  numPendingTests = 0,
  numTodoTests = 0,
  testResults = [],
} = readReport();
/** A file can fail without a test that failed: when it cannot be loaded, or a hook of it breaks. */
const hasFailedAsFile = (file) =>
  file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');
const failed = numFailedTests + testResults.filter(hasFailedAsFile).length;
const skipped = numPendingTests + numTodoTests;
const isNoTest = status !== '0' && failed === 0;

const lines = isNoTest
  ? ['What failed is no test (the install, format, types, floors, unused, coverage); see above.']
  : [];
const skips = skipped > 0 ? `, ${skipped} skipped` : '';
lines.push(`${numPassedTests} passed, ${isNoTest ? 1 : failed} failed${skips}`);
process.stdout.write(`${lines.join('\n')}\n`);
