import { fileErrorText } from '../system/file-error.ts';
import type { System } from '../system/system.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Output } from './output.ts';

const starter = `# Editors that know YAML complete and check this file once \`sonde schema > sonde.schema.json\` has been run.
# yaml-language-server: $schema=./sonde.schema.json
#
#   sonde validate FILE    finds mistakes
#   sonde once FILE        runs each check once
#   sonde run FILE         runs for good; metrics and a page at http://127.0.0.1:7663

defaults:
  every: 30s
  timeout: 5s

# Each request takes a permit from a budget, so all checks of an API together stay below its rate limit.
budgets:
  example:
    rate: 5/s
    burst: 10

# An access token that sonde fetches and keeps fresh. Remove the "# " before each line, and before "token:" below.
# A secret never stands here itself: \${env:NAME}, \${file:PATH} and \${vault:MOUNT/PATH#KEY} bring it.
# tokens:
#   example:
#     issuer: https://auth.example.com
#     grant: client_credentials
#     client_id: \${env:CLIENT_ID}
#     client_secret: \${env:CLIENT_SECRET}
#     scopes:
#       - status.read
#     send_to:
#       - https://example.com
#     budget: example

checks:
  example:
    budget: example
    # token: example
    http: https://example.com/
    # needs_scopes:
    #   - status.read
    assert:
      - status: 200
      - latency:
          below: 2s
      - certificate:
          days_left_above: 14

  # Headers, a schedule by the clock, and a look into the body:
  # example-api:
  #   cron: "*/5 * * * *"
  #   timezone: Europe/Berlin
  #   confirm: 2
  #   http:
  #     url: https://example.com/api/status
  #     headers:
  #       accept: application/json
  #   assert:
  #     - json: $.status
  #       equals: ok

# What differs between environments. \`--env prod\` lays it over, \`sonde diff - prod FILE\` shows what comes of it.
# environments:
#   prod:
#     tokens:
#       example:
#         client_secret: \${env:PROD_CLIENT_SECRET}
`;

/** Whether something is at a path; true also when that cannot be told. */
async function isTaken(system: System, path: string): Promise<boolean> {
  try {
    await system.files.stat(path);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

/**
 * `sonde init [FILE]`: writes a commented configuration to start from; `-` prints it. Never writes over a file.
 * Returns the exit code: 0, 2 when the file is there already, 3 when it cannot be written.
 */
export async function init(system: System, output: Output, path = 'sonde.yaml'): Promise<ExitCode> {
  if (path === '-') {
    output.out(starter);
    return exitCode.well;
  }
  if (await isTaken(system, path)) {
    output.err(`${path} is there already and was left as it is; name another file, or - to print\n`);
    return exitCode.wrongInput;
  }
  try {
    await system.files.replace(path, starter, 0o644);
  } catch (error) {
    output.err(`${path} cannot be written: the folder ${fileErrorText(error)}\n`);
    return exitCode.ownFailure;
  }
  output.out(`${path} is written. Next: sonde validate ${path}\n`);
  return exitCode.well;
}
