import type { System } from '../system/system.ts';

/** Whether an argument is an address rather than a file. */
export function isWebAddress(argument: string): boolean {
  return /^https?:\/\//i.test(argument);
}

/** The configuration that a person would write for one check of each address. */
function configurationOf(addresses: readonly string[]): string {
  const names = new Map<string, string>();
  for (const address of addresses) {
    const host = URL.parse(address)?.host ?? 'address';
    const base = host.replace(/[^A-Za-z0-9.-]/g, '-').replace(/^-+/, '');
    let name = base;
    for (let count = 2; names.has(name); count++) name = `${base}-${count}`;
    names.set(name, address);
  }
  // A JSON string is a YAML string; `$${` is how a `${` is written that refers to nothing.
  const entries = [...names].map(
    ([name, address]) => `  ${JSON.stringify(name)}:\n    http: ${JSON.stringify(address.replaceAll('${', '$${'))}\n`,
  );
  return `checks:\n${entries.join('')}`;
}

/** A system that has, beside the real files, a file `addresses.yaml` with one check for each address. */
export function withAddresses(system: System, addresses: readonly string[]): System {
  const text = configurationOf(addresses);
  const files = {
    ...system.files,
    stat: async () => ({ isFolder: false, isFile: true, size: text.length, mode: 0o600 }),
    readText: async () => text,
  };
  return { ...system, files };
}
