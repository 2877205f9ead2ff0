/**
 * What `--import` has a process load for the sake of a test: the signal breaks it where nobody waits, and so does what
 * prints results, both with words that quote a secret.
 */
const words = `a bug that quotes ${process.env.SECRET}`;
process.on('SIGUSR2', () => {
  throw Object.assign(new TypeError(words), { input: words });
});
const { stringify } = JSON;
JSON.stringify = (value: unknown, ...rest: unknown[]) => {
  if (Array.isArray(value) && value[0]?.lateness_ms !== undefined) throw new TypeError(words);
  return Reflect.apply(stringify, JSON, [value, ...rest]);
};
