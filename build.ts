import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';

const folder = 'dist';
const licences = 'THIRD-PARTY-LICENSES.txt';

/** The name of the library that a module is of; undefined for the project's own. */
const libraryOf = (moduleId: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(moduleId)?.[1];

/** One file for each library; what is ours is put where it is needed. */
const chunkOf = (moduleId: string) => libraryOf(moduleId)?.replace('@', '').replace('/', '-') ?? null;

/**
 * Takes from Node's own modules only what is imported. For an `import` Node reads all that such a module exports, and some
 * of it is only made when it is read: the undici that is in Node for `node:http`, all root certificates for `node:tls`.
 * That took a sixth of the start.
 */
const builtins: Plugin = {
  name: 'builtins',
  resolveId: (id, _importer, { kind }) =>
    isBuiltin(id) && kind === 'import-statement' ? { id: `\0${id}`, moduleSideEffects: false } : null,
  load(id) {
    if (!id.startsWith('\0') || !isBuiltin(id.slice(1))) return null;
    const name = JSON.stringify(id.slice(1));
    const exported = Object.keys(process.getBuiltinModule(id.slice(1)) ?? {}).filter((key) => key !== 'default');
    return [
      `const ofNode = /* @__PURE__ */ process.getBuiltinModule(${name});`,
      'const fromNode = (key) => ofNode[key];',
      'export default ofNode;',
      ...exported.map((key) => `export const ${key} = /* @__PURE__ */ fromNode('${key}');`),
    ].join('\n');
  },
};

/** Compiles the sources and puts them together with the libraries they use: few files are soon read. */
async function bundle(): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    input: { main: 'src/main.ts', 'parse-thread': 'src/config/yaml/parse-thread.ts' },
    platform: 'node',
    plugins: [builtins],
  });
  // Not minified, so that a stack trace says what it should without a source map, which would be read at each start.
  const { output } = await build.write({
    dir: folder,
    cleanDir: true,
    entryFileNames: '[name].js',
    comments: false,
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: { groups: [{ debugName: 'libraries', name: chunkOf }] },
  });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

/** What a library asks everybody to hand on who hands it on. */
async function licenceOf(library: string): Promise<string> {
  const folder = join('node_modules', library);
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file)).sort();
  if (files.length === 0) throw new Error(`${library} has no licence to hand on`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name} ${version}: ${license}`, ...texts.map((text) => text.trim())].join('\n\n');
}

const chunks = await bundle();
await chmod(join(folder, 'main.js'), 0o755);
const libraries = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap((id) => libraryOf(id) ?? [])));
const texts = await Promise.all([...libraries].sort().map(licenceOf));
await writeFile(join(folder, licences), `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
