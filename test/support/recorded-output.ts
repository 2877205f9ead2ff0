import type { Output } from '../../src/cli/output.ts';

/** An output that keeps what was written. */
export interface RecordedOutput extends Output {
  outText(): string;
  errText(): string;
}

export function createRecordedOutput(): RecordedOutput {
  let outText = '';
  let errText = '';
  return {
    out: (text) => {
      outText += text;
    },
    err: (text) => {
      errText += text;
    },
    outText: () => outText,
    errText: () => errText,
  };
}
