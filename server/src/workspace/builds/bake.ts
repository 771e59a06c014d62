/**
 * Bake files → targets, after buildx's bake/bake.go and bake/hclparser: blocks of one name merge, `inherits` come first in their
 * order, the matrix makes one target of each combination. A target keeps the values that are not known, each with its reason.
 */
import { say, type Said } from '../../core/say';
import type { Span } from '../../core/text';
import { readBakeFile } from './bake-file';
import { convertTo, fromEnvironment, fromJsonEnvironment } from './bake-types';
import { evaluate, indexed, withVariables, type Scope } from './hcl-evaluate';
import { callStandard } from './hcl-functions';
import { splatItem, variablesIn, type Attribute, type Block, type Expression } from './hcl-model';
import { isList, isMap, isUnknown, mapOf, refusalIn, refused, toBool, toText, typeName, unknown, unknownIn, type Unknown, type Value } from './hcl-values';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Text = string | Unknown;

export interface BakeProblem {
  readonly file: string;
  readonly message: Said;
  readonly span?: Span;
}

/** Undefined: the file says nothing of it. */
export interface BakeTarget {
  readonly name: string;
  readonly file: string;
  readonly span: Span;
  readonly inherits: readonly Text[];
  readonly context?: Text;
  readonly dockerfile?: Text;
  readonly dockerfileInline?: Text;
  readonly target?: Text;
  readonly args: ReadonlyMap<string, Text>;
  readonly contexts: ReadonlyMap<string, Text>;
  readonly platforms?: readonly Text[];
  readonly tags?: readonly Text[];
  readonly noCache?: boolean;
  /** What may be missing above. */
  readonly unclear: readonly string[];
}

export interface BakeReading {
  /** With what they inherit. */
  readonly targets: readonly BakeTarget[];
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly BakeProblem[];
}

type Kind = 'text' | 'list' | 'map' | 'bool' | 'other';

const kinds: Readonly<Record<string, Kind>> = {
  name: 'other', matrix: 'other', description: 'text', inherits: 'list', annotations: 'list', attest: 'other', context: 'text', contexts: 'map',
  dockerfile: 'text', 'dockerfile-inline': 'text', args: 'map', labels: 'map', tags: 'list', 'cache-from': 'other', 'cache-to': 'other', target: 'text',
  secret: 'other', ssh: 'other', platforms: 'list', output: 'other', pull: 'bool', 'no-cache': 'bool', network: 'text', 'no-cache-filter': 'list',
  'shm-size': 'text', ulimits: 'list', resources: 'other', call: 'text', entitlements: 'list', 'extra-hosts': 'map', policy: 'other',
};

interface PlacedBlock {
  readonly file: string;
  readonly block: Block;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** One target of a block: the block itself, or one combination of its matrix. */
interface Variant extends PlacedBlock {
  readonly name: string;
  readonly scope: Scope;
  readonly values: Map<string, Value | 'evaluating'>;
}

const mostVariants = 2000;

/** `files`: as given to `-f`, later ones over earlier ones. `environment` undefined: not known; without a variable in it, not set. */
export function readBake(files: readonly { readonly file: string; readonly text: string }[], environment: Environment | undefined): BakeReading {
  const problems: BakeProblem[] = [];
  const variables = new Map<string, PlacedBlock>();
  const functions = new Map<string, PlacedBlock>();
  const attributes = new Map<string, { readonly file: string; readonly attribute: Attribute }>();
  const groupBlocks: PlacedBlock[] = [];
  const targetBlocks: PlacedBlock[] = [];
  for (const { file, text } of files) {
    const { body, problems: mistakes } = readBakeFile(file, text);
    problems.push(...mistakes.map((mistake) => ({ file, ...mistake })));
    for (const block of body.blocks) {
      const placed: PlacedBlock = { file, block, attributes: new Map(block.body.attributes.map((attribute) => [attribute.name, attribute])) };
      const [label] = block.labels;
      if (!['target', 'group', 'variable', 'function'].includes(block.type)) {
        problems.push({ file, message: say('Bake has no block {0}.', block.type), span: block.span });
      } else if (block.labels.length !== 1) problems.push({ file, message: say('A {0} has one name.', block.type), span: block.span });
      else if (block.type === 'target') targetBlocks.push(placed);
      else if (block.type === 'group') groupBlocks.push(placed);
      else (block.type === 'variable' ? variables : functions).set(label, placed);
    }
    for (const attribute of body.attributes) attributes.set(attribute.name, { file, attribute });
  }

  const values = new Map<string, Value | 'evaluating'>();
  const evaluating = new Set<string>();
  const budget = { steps: 500_000, depth: 0 };
  const variants: Variant[] = [];
  const byName = new Map<string, Variant[]>();
  const scope: Scope = { variable, block: reference, call, budget };

  function variable(name: string): Value {
    const known = values.get(name);
    if (known === 'evaluating') return refused(say('the variable {0} is made of itself', name));
    if (known !== undefined || values.has(name)) return known as Value;
    values.set(name, 'evaluating');
    const value = variableValue(name);
    values.set(name, value);
    return value;
  }

  function variableValue(name: string): Value {
    if (name === 'BAKE_CMD_CONTEXT') return 'cwd://';
    if (name === 'BAKE_LOCAL_PLATFORM') return unknown('BAKE_LOCAL_PLATFORM is the platform of the builder\'s machine');
    const global = attributes.get(name);
    if (global) return evaluate(global.attribute.value, scope);
    const placed = variables.get(name);
    if (placed === undefined) return refused(say('there is no variable {0}', name));
    const type = placed.attributes.get('type')?.value;
    const standard = placed.attributes.get('default')?.value;
    let value: Value | undefined = standard && evaluate(standard, scope);
    if (type && value !== undefined) value = convertTo(type, value);
    const json = type && !variables.has(`${name}_JSON`) ? environment?.[`${name}_JSON`] : undefined;
    if (type && json !== undefined) return fromJsonEnvironment(type, json);
    const text = environment?.[name];
    if (text !== undefined) return fromEnvironment(type, value, text);
    if (value !== undefined) return value;
    if (environment === undefined) return unknown(`the variable ${name} has no default and comes from the environment`);
    return type ? null : '';
  }

  function call(name: string, given: readonly Value[]): Value {
    const placed = functions.get(name);
    if (placed === undefined) return callStandard(name, given);
    if (evaluating.has(name)) return refused(say('the function {0} calls itself', name));
    const parameters = namesIn(placed.attributes.get('params')?.value);
    const rest = placed.attributes.get('variadic_params')?.value;
    const result = placed.attributes.get('result')?.value;
    if (result === undefined) return refused(say('the function {0} has no result', name));
    if (rest === undefined ? given.length !== parameters.length : given.length < parameters.length) return refused(say('the function {0} takes {1} arguments, not {2}', name, parameters.length, given.length));
    evaluating.add(name);
    const bound = Object.fromEntries(parameters.map((parameter, i) => [parameter, given[i]]));
    if (rest?.kind === 'variable') bound[rest.name] = given.slice(parameters.length);
    const value = evaluate(result, withVariables(scope, bound));
    evaluating.delete(name);
    return value;
  }

  function reference(type: string, [name, attribute, ...rest]: readonly string[]): Value | undefined {
    if (type !== 'target' && type !== 'group') return undefined;
    if (type === 'group' || attribute === undefined) return unknown(`${type}.${name ?? ''} as a whole is not evaluated here`);
    const named = byName.get(name);
    const variant = named?.at(-1);
    if (variant === undefined) return refused(say('there is no target {0}', name));
    if (!Object.hasOwn(kinds, attribute)) return refused(say('a target has no {0}', attribute));
    return rest.reduce<Value>((value, key) => indexed(value, key), valueOf(variant, attribute) ?? null);
  }

  /** An attribute in the type that a target has it in; undefined where the block does not set it. */
  function valueOf(variant: Variant, name: string): Value | undefined {
    const attribute = variant.attributes.get(name);
    if (attribute === undefined) return undefined;
    const known = variant.values.get(name);
    if (known === 'evaluating') return refused(say('target.{0}.{1} is made of itself', variant.name, name));
    if (known !== undefined || variant.values.has(name)) return known;
    variant.values.set(name, 'evaluating');
    const value = typed(kinds[name] ?? 'other', evaluate(attribute.value, variant.scope));
    variant.values.set(name, value);
    const refusal = refusalIn(value);
    if (refusal) problems.push({ file: variant.file, message: say('The target {0} is refused: {1}.', variant.name, refusal.unknown), span: attribute.value.span });
    return value;
  }

  for (const [name, placed] of variables) {
    const value = variable(name);
    const at = placed.attributes.get('default')?.value.span ?? placed.block.span;
    const refusal = refusalIn(value);
    if (refusal) problems.push({ file: placed.file, message: say('The variable {0} is refused: {1}.', name, refusal.unknown), span: at });
    for (const { type, body } of placed.block.body.blocks) {
      const condition = body.attributes.find((attribute) => attribute.name === 'condition')?.value;
      if (type !== 'validation' || condition === undefined || toBool(evaluate(condition, scope)) !== false) continue;
      const message = body.attributes.find((attribute) => attribute.name === 'error_message')?.value;
      const said = message && toText(evaluate(message, scope));
      problems.push({ file: placed.file, message: typeof said === 'string' ? say('The variable {0} is not valid: {1}', name, said) : say('The variable {0} is not valid.', name), span: condition.span });
    }
  }
  for (const [name, { file, attributes: fields }] of functions) {
    // Bake looks at every function, also at those that nobody calls.
    const result = fields.get('result')?.value;
    const rest = fields.get('variadic_params')?.value;
    const bound = [...namesIn(fields.get('params')?.value), ...(rest?.kind === 'variable' ? [rest.name] : []), splatItem, 'target', 'group', 'BAKE_CMD_CONTEXT', 'BAKE_LOCAL_PLATFORM'];
    const missing = result && variablesIn(result, bound).find((used) => !variables.has(used) && !attributes.has(used));
    if (missing !== undefined) problems.push({ file, message: say('The function {0} is refused: there is no variable {1}.', name, missing), span: result?.span });
  }
  for (const placed of targetBlocks) {
    for (const variant of variantsOf(placed, scope, problems)) {
      variants.push(variant);
      byName.set(variant.name, [...(byName.get(variant.name) ?? []), variant]);
    }
  }
  const own = new Map<string, BakeTarget>();
  for (const variant of variants) {
    for (const name of variant.attributes.keys()) {
      // Bake reads past what it does not know.
      if (Object.hasOwn(kinds, name) && name !== 'name' && name !== 'matrix') valueOf(variant, name);
    }
    const target = targetOf(variant, (name) => valueOf(variant, name));
    const before = own.get(variant.name);
    own.set(variant.name, before ? { ...merged(before, target), span: before.span, file: before.file, inherits: [...before.inherits, ...target.inherits] } : target);
  }
  const targets = [...own.values()].map(inheritance(own, problems));
  const groups = new Map<string, readonly string[]>();
  for (const { file, block, attributes: fields } of groupBlocks) {
    const list = fields.get('targets')?.value;
    const value = list && typed('list', evaluate(list, scope));
    if (value === undefined) problems.push({ file, message: say('A group has targets.'), span: block.span });
    else groups.set(block.labels[0], isList(value) ? value.filter((item) => typeof item === 'string') : []);
  }
  for (const { file, block: { labels: [name], span } } of groupBlocks) {
    const gone = groups.get(name)?.find((member) => !own.has(member) && !groups.has(member) && !targetBlocks.some(({ block }) => block.labels[0] === member));
    if (gone !== undefined) problems.push({ file, message: say('The group {0} names {1}, which is not there.', name, gone), span });
  }
  return { targets, groups, problems };
}

function namesIn(expression: Expression | undefined): string[] {
  return expression?.kind === 'tuple' ? expression.items.flatMap((item) => (item.kind === 'variable' ? [item.name] : [])) : [];
}

function variantsOf(placed: PlacedBlock, scope: Scope, problems: BakeProblem[]): Variant[] {
  const { file, block, attributes } = placed;
  const [label] = block.labels;
  const refuse = (message: Said, span: Span): Variant[] => {
    problems.push({ file, message, span });
    return [];
  };
  const matrix = attributes.get('matrix')?.value;
  const nameOf = attributes.get('name')?.value;
  if (matrix === undefined) {
    if (nameOf) return refuse(say('Only a target with a matrix has a name.'), nameOf.span);
    return named(label) ? [{ ...placed, name: label, scope, values: new Map() }] : refuse(say('{0} is no name of a target.', label), block.span);
  }
  const value = evaluate(matrix, scope);
  const unclear = unknownIn(value);
  // Which targets there are is not known; that there is one is all that can be said.
  const one = (reason: Unknown): Variant[] =>
    [{ ...placed, name: label, scope: { ...scope, variable: (name) => (isMap(value) && value.has(name) ? reason : scope.variable(name)) }, values: new Map() }];
  if (unclear && !unclear.refused) return one(unclear);
  if (unclear) return refuse(say('The matrix is refused: {0}.', unclear.unknown), matrix.span);
  if (!isMap(value)) return refuse(say('A matrix is an object of lists.'), matrix.span);
  let rows: Record<string, Value>[] = [{}];
  for (const [key, items] of value) {
    if (!isList(items)) return refuse(say('In a matrix, {0} is a list.', key), matrix.span);
    if (items.length * rows.length > mostVariants) return refuse(say('This matrix has too many combinations.'), matrix.span);
    rows = items.flatMap((item) => rows.map((row) => ({ ...row, [key]: item })));
  }
  const variants: Variant[] = [];
  for (const row of rows) {
    const inner = withVariables(scope, row);
    const name = nameOf ? toText(evaluate(nameOf, inner)) : label;
    const at = nameOf?.span ?? block.span;
    if (name !== null && isUnknown(name) && !name.refused) return one(name);
    if (typeof name !== 'string' || !named(name)) return refuse(isUnknown(name) ? say('The name of this target is not known: {0}.', name.unknown) : say('{0} is no name of a target.', JSON.stringify(name)), at);
    if (variants.some((other) => other.name === name)) return refuse(say('The matrix makes two targets {0}.', name), at);
    variants.push({ ...placed, name, scope: inner, values: new Map() });
  }
  return variants;
}

const named = (name: string): boolean => /^[a-zA-Z0-9_-]+$/.test(name);

function typed(kind: Kind, value: Value): Value {
  if (value === null || isUnknown(value)) return value;
  switch (kind) {
    case 'text': return toText(value);
    case 'bool': return toBool(value);
    case 'list': return isList(value) ? value.map((item) => toText(item) ?? refused(say('an element of this list is null'))) : refused(say('a list is needed here, not {0}', typeName(value)));
    case 'map': return isMap(value) ? mapOf([...value].map(([key, item]) => [key, toText(item)])) : refused(say('an object is needed here, not {0}', typeName(value)));
    case 'other': return value;
  }
}

function targetOf({ name, file, block }: Variant, value: (name: string) => Value | undefined): BakeTarget {
  const unclear: string[] = [];
  const text = (field: string): Text | undefined => (value(field) as Text | null | undefined) ?? undefined;
  const whole = (field: string): Value | undefined => {
    const given = value(field) ?? undefined;
    if (given === undefined || !isUnknown(given)) return given;
    unclear.push(`${field} is not known: ${given.unknown}.`);
    return undefined;
  };
  const map = (field: string): Map<string, Text> => {
    const given = whole(field);
    return new Map(given && isMap(given) ? [...given].filter((entry): entry is [string, Text] => entry[1] !== null) : []);
  };
  const noCache = whole('no-cache');
  return {
    name, file, span: block.span, context: text('context'), dockerfile: text('dockerfile'), dockerfileInline: text('dockerfile-inline'), target: text('target'),
    inherits: (whole('inherits') as readonly Text[] | undefined) ?? [], args: map('args'), contexts: map('contexts'),
    platforms: whole('platforms') as readonly Text[] | undefined, tags: whole('tags') as readonly Text[] | undefined,
    noCache: typeof noCache === 'boolean' ? noCache : undefined, unclear,
  };
}

/** Target.Merge: `over` wins; maps join, lists do not. */
function merged(base: BakeTarget, over: BakeTarget): BakeTarget {
  return {
    ...base, context: over.context ?? base.context, dockerfile: over.dockerfile ?? base.dockerfile, dockerfileInline: over.dockerfileInline ?? base.dockerfileInline,
    target: over.target ?? base.target, platforms: over.platforms ?? base.platforms, tags: over.tags ?? base.tags, noCache: over.noCache ?? base.noCache,
    args: new Map([...base.args, ...over.args]), contexts: new Map([...base.contexts, ...over.contexts]),
    inherits: over.inherits, unclear: [...new Set([...base.unclear, ...over.unclear])],
  };
}

/** Config.target: whom a target has already inherited from on the way is taken as it was then, so that a cycle ends. */
function inheritance(own: ReadonlyMap<string, BakeTarget>, problems: BakeProblem[]): (target: BakeTarget) => BakeTarget {
  // What is part of a cycle depends on where it is entered; all else is the same for everyone who inherits it.
  const settled = new Map<string, BakeTarget>();
  return (target) => {
    const visited = new Map<string, BakeTarget | undefined>();
    let cyclic = false;
    const resolve = (name: string, heir: BakeTarget, depth: number): BakeTarget | undefined => {
      if (settled.has(name)) return settled.get(name);
      if (visited.has(name)) {
        const before = visited.get(name);
        if (before === undefined) {
          cyclic = true;
          if (name === target.name) problems.push({ file: target.file, message: say('The target {0} inherits from itself.', name), span: target.span });
        }
        return before;
      }
      visited.set(name, undefined);
      const found = own.get(name);
      if (found === undefined || depth > 500) {
        problems.push({ file: heir.file, message: found ? say('The target {0} inherits from {1}, which is too far away.', heir.name, name) : say('The target {0} inherits from {1}, which is not there.', heir.name, name), span: heir.span });
        return undefined;
      }
      let base: BakeTarget | undefined;
      for (const parent of found.inherits) {
        if (isUnknown(parent)) {
          base = merged(base ?? empty(found), { ...empty(found), unclear: [`What it inherits from is not known: ${parent.unknown}.`] });
          continue;
        }
        const inherited = resolve(parent, found, depth + 1);
        if (inherited) base = base ? merged(base, inherited) : inherited;
      }
      const all = base ? merged(base, found) : found;
      visited.set(name, all);
      if (!cyclic) settled.set(name, all);
      return all;
    };
    return { ...(resolve(target.name, target, 0) ?? target), name: target.name, file: target.file, span: target.span, inherits: target.inherits };
  };
}

function empty({ name, file, span }: BakeTarget): BakeTarget {
  return { name, file, span, inherits: [], args: new Map(), contexts: new Map(), unclear: [] };
}
