import { describe, expect, it } from 'vitest';
import { schema } from '../../src/cli/schema.ts';
import { createJsonSchema } from '../../src/config/json-schema.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { createRecordedOutput } from '../support/recorded-output.ts';

describe('sonde schema', () => {
  it('prints the JSON Schema of all kinds', () => {
    const output = createRecordedOutput();
    expect(schema(output)).toBe(0);
    expect(output.outText()).toMatch(/^\{\n {2}"\$schema": .*\}\n$/s);
    expect(JSON.parse(output.outText())).toEqual(createJsonSchema(probeKinds));
  });
});
