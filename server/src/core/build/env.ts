/**
 * The build environment at each step: a map that never changes. Setting a name shares all the rest, so that the state of
 * a hundred thousand steps costs as many small pieces, not as many copies.
 */

export interface Env {
  readonly name: string;
  readonly value: string | null;
  readonly weight: number;
  /** When it was last set: the builder keeps the environment in that order. */
  readonly order: number;
  /** The greatest order in this tree. */
  readonly latest: number;
  readonly left: Env | undefined;
  readonly right: Env | undefined;
}

export type MaybeEnv = Env | undefined;

export function valueIn(env: MaybeEnv, name: string): { readonly value: string | null } | undefined {
  let node = env;
  while (node) {
    if (name === node.name) return node;
    node = name < node.name ? node.left : node.right;
  }
  return undefined;
}

/** A search tree kept in balance by a weight drawn from the name (a treap): the same names make the same tree. */
export function withValue(env: MaybeEnv, name: string, value: string | null): Env {
  return insert(env, { name, value, weight: weightOf(name), order: (env?.latest ?? 0) + 1 });
}

/** All but one name. */
export function without(env: MaybeEnv, name: string): MaybeEnv {
  if (!env) return undefined;
  if (name === env.name) return joined(env.left, env.right);
  return name < env.name ? made(env, without(env.left, name), env.right) : made(env, env.left, without(env.right, name));
}

function joined(left: MaybeEnv, right: MaybeEnv): MaybeEnv {
  if (!left || !right) return left ?? right;
  return left.weight > right.weight ? made(left, left.left, joined(left.right, right)) : made(right, joined(left, right.left), right.right);
}

/** The names in the order in which they were last set, as llb.EnvList has them. */
export function inOrder(env: MaybeEnv): readonly Setting[] {
  const found: Setting[] = [];
  const pending: Env[] = env ? [env] : [];
  for (let node = pending.pop(); node; node = pending.pop()) {
    found.push(node);
    if (node.left) pending.push(node.left);
    if (node.right) pending.push(node.right);
  }
  return found.sort((a, b) => a.order - b.order);
}

type Setting = Pick<Env, 'name' | 'value' | 'weight' | 'order'>;

function insert(node: MaybeEnv, added: Setting): Env {
  if (!node) return made(added, undefined, undefined);
  if (added.name === node.name) return made(added, node.left, node.right);
  if (added.name < node.name) {
    const left = insert(node.left, added);
    return left.weight > node.weight ? made(left, left.left, made(node, left.right, node.right)) : made(node, left, node.right);
  }
  const right = insert(node.right, added);
  return right.weight > node.weight ? made(right, made(node, node.left, right.left), right.right) : made(node, node.left, right);
}

function made({ name, value, weight, order }: Setting, left: MaybeEnv, right: MaybeEnv): Env {
  const latest = Math.max(order, left?.latest ?? 0, right?.latest ?? 0);
  return { name, value, weight, order, latest, left, right };
}

function weightOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
