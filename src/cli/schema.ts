import { createJsonSchema } from '../config/json-schema.ts';
import { probeKinds } from '../probes/index.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Output } from './output.ts';

/** `sonde schema`: prints the JSON Schema of configuration files, for editors. Returns the exit code, 0. */
export function schema(output: Output): ExitCode {
  output.out(`${JSON.stringify(createJsonSchema(probeKinds), null, 2)}\n`);
  return exitCode.well;
}
