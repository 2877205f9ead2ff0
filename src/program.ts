import { Command, CommanderError } from 'commander';
import { type ExitCode, exitCode } from './cli/exit-code.ts';
import { loginHelp, logoutHelp } from './cli/login/login-help.ts';
import type { Output } from './cli/output.ts';
import { Refused } from './cli/refused.ts';
import { listenForSignals } from './cli/signals.ts';
import { sleep } from './system/clock.ts';
import { createSystem } from './system/system.ts';
import { version } from './version.ts';

const system = createSystem();
const output: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};
/** For commands that have something to end well; all others a signal may end where they stand. */
const listen = (hangUp: 'reloads' | 'stops') =>
  listenForSignals(process, () => process.exit(exitCode.ownFailure), hangUp);
const terminal = process.stdout.isTTY === true;
const colour = terminal && !system.environment('NO_COLOR');
const longestFlushMs = 1_000;
let exit: number = exitCode.well;

// A reader that has gone, as of `| head`, has had enough; any other fault of the output is our failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') exit = exitCode.ownFailure;
  });
}

const beginning = `
To begin: sonde init, then sonde once sonde.yaml; or, with nothing written, sonde once https://api.example.com/health.
Exit codes: 0 well, 1 a check failed, 2 the configuration or the arguments are wrong, 3 sonde itself failed.
`;

// Each command loads what it needs when it is called: help and version need next to nothing.
const program = new Command('sonde')
  .description('Keeps OAuth 2.0 tokens fresh, probes APIs on a schedule, and names the cause when a call breaks.')
  .version(version)
  .showHelpAfterError('(sonde --help shows all commands)')
  .addHelpText('after', beginning)
  .exitOverride();

program
  .command('init')
  .description('write a commented configuration to start from: sonde.yaml')
  .argument('[file]', 'where to; - prints it', 'sonde.yaml')
  .action(async (file: string) => {
    const { init } = await import('./cli/init.ts');
    exit = await init(system, output, file);
  });

program
  .command('validate')
  .description('say whether a configuration is right, and all that is wrong with it')
  .argument('<path...>', 'configuration files and folders')
  .option('--env <name>', 'lay this environment over; all: each of them in turn')
  .option('--print', 'print the configuration with the environment laid over, secrets hidden')
  .action(async (paths: string[], options) => {
    const { validate } = await import('./cli/validate.ts');
    exit = await validate(system, output, paths, options);
  });

program
  .command('once')
  .description('run each check one time and show what came of it; a bare address needs no configuration')
  .argument('<path|url...>', 'configuration files and folders, or addresses')
  .option('--check <name>', 'this check alone')
  .option('--json', 'print JSON')
  .option('--junit <file>', 'write a JUnit report')
  .option('--state-dir <dir>', 'instead of state_dir')
  .option('--env <name>', 'lay this environment over')
  .action(async (targets: string[], options) => {
    const signals = listen('stops');
    const { once } = await import('./cli/once.ts');
    exit = await once(system, output, signals, targets, { ...options, colour });
  });

program
  .command('run')
  .description('keep tokens fresh and run the checks on their schedules, until stopped')
  .argument('<path...>', 'configuration files and folders')
  .option('--listen <host:port>', 'instead of server.listen')
  .option('--state-dir <dir>', 'instead of state_dir')
  .option('--env <name>', 'lay this environment over')
  .action(async (paths: string[], options) => {
    const signals = listen('reloads');
    const { run } = await import('./cli/run.ts');
    exit = await run(system, signals, paths, { ...options, terminal, colour });
  });

program
  .command('login')
  .description('log in to a token in a browser, once; sonde keeps the access alive from then on')
  .argument('<path...>', 'configuration files and folders')
  .requiredOption('--token <name>', 'the token to log in to')
  .option('--device', 'show a code to enter on any other device')
  .option('--paste', 'print the address, and read the one that the browser ends at')
  .option('--state-dir <dir>', 'instead of state_dir')
  .option('--env <name>', 'lay this environment over')
  .addHelpText('after', loginHelp)
  .action(async (paths: string[], options) => {
    const signals = listen('stops');
    const { login } = await import('./cli/login.ts');
    const { openBrowser } = await import('./system/browser.ts');
    const person = {
      output,
      input: process.stdin.setEncoding('utf8'),
      terminal,
      openBrowser: (address: URL) => openBrowser(address, system),
    };
    exit = await login(system, person, signals, paths, options);
  });

program
  .command('logout')
  .description('end what a login brought: revoke its tokens at the issuer, and forget them')
  .argument('<path...>', 'configuration files and folders')
  .requiredOption('--token <name>', 'the token to log out of')
  .option('--state-dir <dir>', 'instead of state_dir')
  .option('--env <name>', 'lay this environment over')
  .addHelpText('after', logoutHelp)
  .action(async (paths: string[], options) => {
    const signals = listen('stops');
    const { logout } = await import('./cli/logout.ts');
    exit = await logout(system, output, signals, paths, options);
  });

program
  .command('diff')
  .description('show what differs between two environments of a configuration')
  .argument('<from>', 'an environment; - is none')
  .argument('<to>', 'another environment')
  .argument('[path...]', 'configuration files and folders', ['sonde.yaml'])
  .option('--json', 'print JSON')
  .action(async (from: string, to: string, paths: string[], options) => {
    const { diff } = await import('./cli/diff.ts');
    exit = await diff(system, output, [from, to], paths, options);
  });

program
  .command('schema')
  .description('print the JSON Schema of the configuration, for editors')
  .action(async () => {
    const { schema } = await import('./cli/schema.ts');
    exit = schema(output);
  });

async function sayBug(error: unknown): Promise<ExitCode> {
  const { maskLastWords } = await import('./secrets/last-words.ts');
  output.err(`sonde has a bug: ${maskLastWords(error)}\n`);
  return exitCode.ownFailure;
}

/** What a thrown error means for the person who called the command. */
async function exitOf(error: unknown): Promise<ExitCode> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.well : exitCode.wrongInput;
  if (error instanceof Refused) {
    output.err(`${error.message}\n`);
    return error.exit;
  }
  return sayBug(error);
}

// What nobody waits for: Node would show all that hangs on the error, and end with the code of a check that failed.
process.on('uncaughtException', (error) => void sayBug(error).finally(() => process.exit(exitCode.ownFailure)));

await program.parseAsync().catch(async (error: unknown) => {
  exit = await exitOf(error);
});
// A pipe takes long output in pieces, and what it has not taken yet would be cut off; a reader that is stuck must not
// keep the process.
const taken = [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve)));
await Promise.race([Promise.all(taken), sleep(system.clock, longestFlushMs)]);
process.exit(exit);
