import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** The revision that stands in the tree, with `+` when something of the product has been changed since. */
export function revisionOfTree(): string {
  const changed = git('status', '--porcelain', '--', 'src', 'package.json', 'package-lock.json');
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
}

/** Whether there is such a revision. */
export const isRevision = (name: string) =>
  spawnSync('git', ['rev-parse', '--quiet', '--verify', `${name}^{commit}`], { cwd: root }).status === 0;

/** The short name of a revision; throws when there is none. */
export const revisionOf = (name: string) => git('rev-parse', '--short', '--verify', `${name}^{commit}`);

/** Puts the files of a revision, or those of the tree as they are, into a folder. */
function copyFiles(revision: string | undefined, folder: string): void {
  const archive =
    revision === undefined
      ? 'git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d "" file; do [ -e "$file" ] && printf "%s\\0" "$file"; done | tar --null --files-from=- --create'
      : `git archive ${revision}`;
  execFileSync('bash', ['-c', `set -o pipefail; ${archive} | tar --extract --directory "$0"`, folder], { cwd: root });
}

/**
 * Builds a revision, or the tree as it is, in a folder of its own with `npm run build`, and returns its `dist/main.js`.
 * The libraries are those that are installed here.
 */
export async function buildProgram(folder: string, revision?: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  copyFiles(revision, folder);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  return join(folder, 'dist/main.js');
}
