import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';

/** No command prints it. */
const endMark = '\u001e';

/**
 * One bash for all commands, as a reader has one: variables, jobs and `$?` last. Commands come by a descriptor of their
 * own, since what reads standard input must not eat them.
 */
const loop = `
exec 2>&1
code=0
while IFS= read -r line <&3; do
  (exit "$code")
  eval "$line"
  code=$?
  printf '\\036'
done
`;

/** A shell that a test types into, a command at a time. */
export interface Shell {
  /** Runs one command to its end. `heard` gets its output so far, and may answer it by `type`. */
  run(command: string, heard?: (output: string) => void): Promise<readonly string[]>;
  type(line: string): void;
  /** Ends it, and what its commands have left running. */
  close(): void;
}

/** Opens bash in a folder, with this environment alone. */
export function openShell(cwd: string, env: Readonly<Record<string, string | undefined>>): Shell {
  const shell = spawn('bash', ['-c', loop], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const [keyboard, screen, , commands] = shell.stdio;
  if (!keyboard || !screen || !(commands instanceof Writable)) throw new Error('bash got no pipes');
  screen.setEncoding('utf8');
  return {
    run: (command, heard) =>
      new Promise((resolve, reject) => {
        let output = '';
        const end = () => {
          shell.off('exit', onExit);
          screen.off('data', onData);
        };
        const onExit = () => {
          end();
          reject(new Error(`the shell ended at: ${command}\n${output}`));
        };
        const onData = (text: string) => {
          output += text;
          heard?.(output);
          if (!output.endsWith(endMark)) return;
          end();
          const told = output.slice(0, -endMark.length).replace(/\n$/, '');
          resolve(told === '' ? [] : told.split('\n'));
        };
        shell.on('exit', onExit);
        screen.on('data', onData);
        commands.write(`${command}\n`);
      }),
    type: (line) => void keyboard.write(`${line}\n`),
    close() {
      if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGKILL');
    },
  };
}
