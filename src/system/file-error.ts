const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there: a part of its path is no folder',
  EACCES: 'may not be read by sonde: check its owner and mode',
  EPERM: 'may not be read by sonde: check its owner and mode',
  EISDIR: 'is a folder, not a file',
  NOT_UTF8: 'is not text in UTF-8',
  ELOOP: 'is a symbolic link that leads to itself',
};

/** Why a file could not be read, as the end of a sentence about it: `is not there`. */
export function fileErrorText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return sentences[code] ?? `cannot be read (${code})`;
}
