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
  return insert(env, { name, value, weight: weightOf(name), left: undefined, right: undefined });
}

function insert(node: MaybeEnv, added: Env): Env {
  if (!node) return added;
  if (added.name === node.name) return { ...node, value: added.value };
  if (added.name < node.name) {
    const left = insert(node.left, added);
    return left.weight > node.weight ? { ...left, right: { ...node, left: left.right } } : { ...node, left };
  }
  const right = insert(node.right, added);
  return right.weight > node.weight ? { ...right, left: { ...node, right: right.left } } : { ...node, right };
}

function weightOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
