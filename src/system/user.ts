import { userInfo } from 'node:os';

/** Who runs this process: the user's name with the number, or the number alone where nobody has named it, as in many pods. */
export function processUser(): string {
  try {
    const { username, uid } = userInfo();
    return `${username} (${uid})`;
  } catch {
    return String(process.getuid?.());
  }
}
