/**
 * The build environment at each step: a map that never changes. Setting a name shares all the rest, so that the state of
 * a hundred thousand steps costs as many small pieces, not as many copies.
 */

export interface Env {
  readonly name: string;
  readonly value: string | null;
  readonly weight: number;
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
  return insert(env, name, value, weightOf(name));
}

function insert(node: MaybeEnv, name: string, value: string | null, weight: number): Env {
  if (!node) return made(name, value, weight, undefined, undefined);
  if (name === node.name) return made(name, value, weight, node.left, node.right);
  if (name < node.name) {
    const left = insert(node.left, name, value, weight);
    return left.weight > node.weight
      ? made(left.name, left.value, left.weight, left.left, made(node.name, node.value, node.weight, left.right, node.right))
      : made(node.name, node.value, node.weight, left, node.right);
  }
  const right = insert(node.right, name, value, weight);
  return right.weight > node.weight
    ? made(right.name, right.value, right.weight, made(node.name, node.value, node.weight, node.left, right.left), right.right)
    : made(node.name, node.value, node.weight, node.left, right);
}

function made(name: string, value: string | null, weight: number, left: MaybeEnv, right: MaybeEnv): Env {
  return { name, value, weight, left, right };
}

function weightOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
