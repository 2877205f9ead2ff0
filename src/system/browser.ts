import { spawn } from 'node:child_process';

interface BrowserPorts {
  environment(name: string): string | undefined;
  /** As `process.platform`. */
  readonly platform?: NodeJS.Platform;
}

/**
 * Opens an address in this host's browser. False where there is none to open, or it cannot be started; what it shows is
 * not known. `BROWSER` names another command, or several with colons between, tried in turn; `BROWSER=none` opens none.
 * No shell sees the address.
 */
export async function openBrowser(address: URL, ports: BrowserPorts): Promise<boolean> {
  // Other schemes start other programs.
  if (!/^https?:$/.test(address.protocol)) return false;
  for (const command of commandsOf(ports)) if (await start(withAddress(command, address.href))) return true;
  return false;
}

function commandsOf({ environment, platform = process.platform }: BrowserPorts): readonly string[][] {
  const named = environment('BROWSER')?.trim();
  if (named) {
    const words = named.split(':').map((command) => command.trim().split(/\s+/));
    return words.filter(([program]) => program && program !== 'none');
  }
  if (platform === 'darwin') return [['open']];
  if (platform === 'win32') return [['rundll32', 'url.dll,FileProtocolHandler']];
  // Without a display it would start a browser of text, in the terminal that this command is shown in.
  return environment('DISPLAY') || environment('WAYLAND_DISPLAY') ? [['xdg-open']] : [];
}

/** `%s` stands for the address; without it the address comes last. */
function withAddress(command: readonly string[], address: string): string[] {
  const filled = command.map((word) => word.replaceAll('%s', () => address));
  return command.some((word) => word.includes('%s')) ? filled : [...command, address];
}

function start([program = '', ...words]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    // A browser outlives the command that opened it.
    const child = spawn(program, words, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
    child.unref();
  });
}
