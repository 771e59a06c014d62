/** What the sources say to a user, read from their syntax, and held against a bundle. */
import { parseSync } from 'vite';

export interface Spoken {
  /** Every sentence. */
  readonly messages: ReadonlySet<string>;
  /** What is wrong, with its place. */
  readonly complaints: readonly string[];
}

type Node = { readonly type: string; readonly start: number } & Record<string, unknown>;

/** What an editor shows of an object: a text there is said, or made of what is the same in every language. */
const shown = new Set(['label', 'title', 'description', 'detail', 'tooltip', 'placeHolder', 'message', 'spoken', 'failed', 'refused', 'name', 'text', 'about', 'words', 'reason']);
const shows = new Set(['showInformationMessage', 'showWarningMessage', 'showErrorMessage', 'setStatusBarMessage', 'appendText', 'appendMarkdown']);
/** A product's name is the same in every language. */
const names = new Set(['Strata', 'BuildKit']);

/** `strict`: also whether what is shown is said. */
export function spokenIn(path: string, source: string, strict: boolean): Spoken {
  const messages = new Set<string>();
  const complaints: string[] = [];
  const { program, errors } = parseSync(path, source);
  for (const { message } of errors) complaints.push(`${path}: ${message}`);
  walk(program as unknown as Node, false);
  return { messages, complaints };

  function complain({ start }: Node, what: string): void {
    complaints.push(`${path}:${source.slice(0, start).split('\n').length}: ${what}`);
  }

  function walk(node: Node, inFunction: boolean): void {
    if (node.type === 'CallExpression') called(node, inFunction);
    if (strict) look(node);
    const within = inFunction || /Function/.test(node.type);
    for (const child of childrenOf(node)) walk(child, within);
  }

  function called(node: Node, inFunction: boolean): void {
    const callee = nameOf(node.callee as Node);
    if (callee !== 'say' && callee !== 'counted' && callee !== 'l10n.t') return;
    // The language is not known yet when a module is loaded.
    if (!inFunction && callee !== 'l10n.t') complain(node, 'said before the language is known');
    const args = node.arguments as readonly Node[];
    const texts = callee === 'counted' ? args.slice(1, 3) : args.slice(0, 1);
    const values = args.length - (callee === 'counted' ? 2 : 1);
    for (const text of texts) {
      const message = literalOf(text);
      if (message === undefined) {
        complain(text, 'a message that is not written out');
        continue;
      }
      messages.add(message);
      const places = placesIn(message);
      // The number itself need not be named.
      const expected = Array.from({ length: values }, (_, i) => i).filter((i) => callee !== 'counted' || i > 0 || places.includes(0));
      if (!args.some(({ type }) => type === 'SpreadElement') && places.join() !== expected.join()) complain(text, `"${message}" is given ${values} values`);
    }
  }

  function look(node: Node): void {
    if (node.type === 'CallExpression' && shows.has(nameOf(node.callee as Node).replace(/^.*\./, ''))) refuseBare((node.arguments as readonly Node[])[0]);
    if (node.type === 'Property' && shown.has(nameOf(node.key as Node))) refuseBare(node.value as Node);
    if (node.type === 'AssignmentExpression' && shown.has(nameOf(node.left as Node).replace(/^.*\./, ''))) refuseBare(node.right as Node);
  }

  function refuseBare(node: Node | undefined): void {
    if (!node) return;
    if (node.type === 'Literal' && typeof node.value === 'string' && isProse(node.value)) complain(node, `"${node.value}" is not said`);
    if (node.type === 'TemplateLiteral') for (const quasi of node.quasis as readonly Node[]) if (isProse((quasi.value as { readonly raw: string }).raw)) complain(quasi, `"${(quasi.value as { readonly raw: string }).raw}" is not said`);
    if (node.type === 'TemplateLiteral' || node.type === 'LogicalExpression' || node.type === 'ArrayExpression' || node.type === 'SpreadElement' || node.type === 'BinaryExpression' && node.operator === '+') childrenOf(node).forEach(refuseBare);
    if (node.type === 'ConditionalExpression') [node.consequent, node.alternate].forEach((one) => refuseBare(one as Node));
    // `[…].join(', ')`
    if (node.type === 'CallExpression' && (node.callee as Node).type === 'MemberExpression') refuseBare((node.callee as Node).object as Node);
  }
}

function isProse(text: string): boolean {
  return /\p{L}{2}/u.test(text.replace(/\$\([\w-]+\)/g, '')) && !names.has(text);
}

/** What a bundle lacks, has in vain, or says with other values. */
export function complaintsAbout(messages: ReadonlySet<string>, bundle: Readonly<Record<string, string>>): string[] {
  const missing = [...messages].filter((message) => !Object.hasOwn(bundle, message)).map((message) => `no translation: "${message}"`);
  const unused = Object.keys(bundle).filter((message) => !messages.has(message)).map((message) => `said nowhere: "${message}"`);
  const other = Object.entries(bundle).filter(([message, translation]) => placesIn(message).join() !== placesIn(translation).join()).map(([message]) => `other values: "${message}"`);
  return [...missing, ...unused, ...other];
}

/** `contributes` and the like: what is shown of it has its text in a file beside it, and where that is a file of its own, the file's path. */
export function manifestKeys(manifest: object): Spoken {
  const messages = new Set<string>();
  const complaints: string[] = [];
  const texts = new Set(['title', 'description', 'markdownDescription', 'displayName', 'name', 'contents', 'label', 'altText', 'deprecationMessage', 'markdownDeprecationMessage', 'enumDescriptions', 'markdownEnumDescriptions', 'enumItemLabels', 'category', 'url', 'svg']);
  const { displayName, description, capabilities, contributes } = manifest as Record<string, unknown>;
  visit({ displayName, description, capabilities, contributes }, false);
  return { messages, complaints };

  function visit(value: unknown, isText: boolean): void {
    if (typeof value === 'string' && isText) {
      const key = /^%(.+)%$/.exec(value)?.[1];
      if (key !== undefined) messages.add(key);
      else if (!names.has(value)) complaints.push(`package.json: "${value}" is no key`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) visit(one, Array.isArray(value) ? isText : texts.has(key) && typeof one !== 'object' || texts.has(key) && Array.isArray(one));
    }
  }
}

function literalOf(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  const quasis = node?.type === 'TemplateLiteral' ? node.quasis as readonly Node[] : [];
  return quasis.length === 1 ? (quasis[0].value as { readonly cooked: string }).cooked : undefined;
}

/** `{1} of {0}` → 0, 1 */
function placesIn(message: string): number[] {
  return [...new Set([...message.matchAll(/\{(\d+)\}/g)].map((match) => Number(match[1])))].toSorted((a, b) => a - b);
}

function nameOf(node: Node): string {
  if (node.type === 'Identifier') return node.name as string;
  if (node.type !== 'MemberExpression' || node.computed === true) return '';
  const object = nameOf(node.object as Node);
  return `${object.replace(/^.*\./, '')}.${nameOf(node.property as Node)}`;
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value])).filter((value): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string');
}
