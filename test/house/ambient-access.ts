import ts from 'typescript';

/** Globals that read time, randomness, the environment or the network behind the back of the doors. */
const globals = new Set([
  'performance',
  'setTimeout',
  'setInterval',
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'crypto',
]);

/** Members of globals that do the same; the rest of each object is free to use. */
const members = new Set([
  'Date.now',
  'Math.random',
  'AbortSignal.timeout',
  'process.env',
  'process.hrtime',
  'process.uptime',
  'process.loadEnvFile',
]);

/** What `node:crypto` draws at random; hashing and parsing are free to use. */
const drawn =
  /^(random|getRandomValues|generateKey|generateKeyPair|generatePrime|webcrypto|subtle|createDiffieHellman|createECDH)/;

/** `globalThis.` before a global hides it from nobody. */
function textOf(expression: ts.Node): string {
  return expression.getText().replace(/^globalThis\.|\?(?=\.)|\s+/g, '');
}

/** Whether an identifier stands for a value here, and is not just the name of a member, a key or a type. */
function isRead(identifier: ts.Identifier): boolean {
  const { parent } = identifier;
  if (ts.isTypeNode(parent) || ts.isQualifiedName(parent)) return false;
  if (ts.isShorthandPropertyAssignment(parent) || textOf(parent) === identifier.text) return true;
  const isName = 'name' in parent && parent.name === identifier;
  const isKey = 'propertyName' in parent && parent.propertyName === identifier;
  return !isName && !isKey;
}

/** Names that a source gives to things of its own: they hide the global of that name. */
function ownNames(node: ts.Node, names = new Set<string>()): ReadonlySet<string> {
  const declares = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isFunctionDeclaration(node);
  if ((declares || ts.isBindingElement(node) || ts.isImportSpecifier(node)) && node.name)
    names.add(node.name.getText());
  ts.forEachChild(node, (child) => void ownNames(child, names));
  return names;
}

function accessOf(node: ts.Node, own: ReadonlySet<string>): string | undefined {
  if (ts.isNewExpression(node) && textOf(node.expression) === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && textOf(node.expression) === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node) && members.has(textOf(node))) return textOf(node);
  if (ts.isIdentifier(node) && globals.has(node.text) && !own.has(node.text) && isRead(node)) return node.text;
  if (ts.isImportDeclaration(node) && /^['"](node:)?crypto['"]$/.test(node.moduleSpecifier.getText())) {
    const bindings = node.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) return 'all of crypto';
    return bindings.elements
      .map((element) => (element.propertyName ?? element.name).text)
      .find((name) => drawn.test(name));
  }
  return undefined;
}

/** Every use in a source text of what only the rooms with a door may use, as `line: what`. */
export function findAmbientAccess(text: string): readonly string[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const own = ownNames(source);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const access = accessOf(node, own);
    if (access) found.push(`${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${access}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
