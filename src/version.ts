import packageJson from '../package.json' with { type: 'json' };

/** sonde's own version. */
export const version: string = packageJson.version;
