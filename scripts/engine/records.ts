/** The builder's records on top of images of ours. Pruning them is slow on a builder that has thousands: it looks at each for every one that goes, and holds builds up. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, docker, type Engine } from './docker';

interface UsedRecord {
  readonly id: string;
  readonly parents: readonly string[];
  readonly description: string;
}

/** The builder's ids of images: a step on each says what it stands on. */
export async function mark(engine: Engine, images: readonly string[], folder: string, name: string): Promise<ReadonlySet<string>> {
  if (images.length === 0) return new Set();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'Dockerfile');
  const marked = `strata-mark-${name}`;
  const stages = images.map((image, i) => `FROM ${image} AS s${i}\nRUN ["/.strata/sh", "-c", ": ${marked}; echo ${i} >/.strata/mark"]\n`);
  writeFileSync(file, `${stages.join('')}FROM scratch\n${images.map((_, i) => `COPY --from=s${i} /.strata/mark /${i}\n`).join('')}`);
  const { error } = await build(engine, { tag: '', file, context: folder, stepsOnly: true });
  if (error !== undefined) throw new Error(error);
  const records = await used(engine);
  return new Set(records.filter(({ description }) => description.includes(marked)).flatMap(({ parents }) => parents));
}

/** Takes every record away that stands on one of those. */
export async function forget(engine: Engine, roots: ReadonlySet<string>): Promise<void> {
  const above = new Set(roots);
  const records = await used(engine);
  for (let size = 0; size !== above.size; ) {
    size = above.size;
    for (const { id, parents } of records) if (parents.some((parent) => above.has(parent))) above.add(id);
  }
  const ids = [...above];
  // Children go before their parents can.
  for (let i = 0; i < ids.length; i += 200) {
    await docker(['buildx', 'prune', '--builder', engine.buildx, '--force', '--filter', `id~=^(${ids.slice(i, i + 200).join('|')})$`]);
  }
}

async function used(engine: Engine): Promise<UsedRecord[]> {
  const { stdout } = await docker(['buildx', 'du', '--builder', engine.buildx, '--verbose']);
  return stdout.toString().split('\n\n').flatMap((block) => {
    const id = /^ID:\s+(\S+)/m.exec(block)?.[1];
    if (id === undefined) return [];
    const parents = /^Parents:\n((?: - \S+\n?)+)/m.exec(block)?.[1] ?? /^Parents?:\s+(\S+)/m.exec(block)?.[1] ?? '';
    return [{ id, parents: parents.split(/[\s-]+/).filter((one) => one !== ''), description: /^Description:\s+(.*)/m.exec(block)?.[1] ?? '' }];
  });
}
