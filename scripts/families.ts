/**
 * Proves on the Docker engine that answers here that a base which is extracted of a family's Dockerfiles changes no image, and
 * where it keeps the cache; and that what is refused would have changed one.
 *   npm run test:families [-- --repositories DIR] [--only EXPRESSION] [--way WAY] [--few] [--verbose]
 *   npm run test:families -- --repositories DIR --choose     makes manifests/families.json anew
 * Written families are in families/cases.ts, refused edits in families/refusals.ts. With --repositories, families of
 * manifests/families.json are proved as well. --few: a part that needs seconds.
 */
import { join } from 'node:path';
import type { Way } from '../server/src/core/family/model';
import { removeImages, type Engine } from './engine/docker';
import { onEngine, optionsOf, scratchFolder } from './engine/start';
import { sideBySide } from './engine/run';
import { allWays, type Case } from './families/case';
import { cases } from './families/cases';
import { extractionOf, familiesOf } from '../server/src/workspace/extract';
import { chooseFetched, fetchedCases } from './families/fetched';
import { config, envOf, standInFor } from './families/image';
import { variantOf } from './families/project';
import { canBuild, prove, type Lane } from './families/prove';
import { isNeeded, refusals, type Refusal } from './families/refusals';
import { isWrong, print, siblingsOf, summary, type Needed, type Proved, type Refused } from './families/report';

const lanes = 2;
const options = optionsOf();
const only = new RegExp(options.get('--only') ?? '');

const folder = scratchFolder('families', () => [...open].flatMap((made) => [...made]));
let count = 0;
const open = new Set<Set<string>>();

const proved: Proved[] = [];
const refused: Refused[] = [];
const needed: Needed[] = [];
const wrong: string[] = [];

await onEngine('families', main);

async function main(engine: Engine, shell: Buffer): Promise<void> {
  const isFew = options.has('--few');
  const repositories = options.get('--repositories');
  if (options.has('--choose')) {
    if (repositories === undefined) throw new Error('--choose needs --repositories DIR');
    await chooseFetched(repositories, async (one) => {
      const lane = laneOf(engine);
      const project = variantOf(one, 'tag', lane.host);
      if (project === undefined) return false;
      try {
        await standInFor(one, project, shell, lane.host, lane.made);
        return await canBuild(lane, project);
      } finally {
        leave(lane);
      }
    });
    return;
  }
  const fetched = repositories === undefined || isFew ? { cases: [], missing: 0 } : await fetchedCases(repositories);
  if (fetched.missing > 0) console.log(`${fetched.missing} families are of repositories that are not under ${repositories}`);
  const chosen = [...cases.filter(({ few }) => few || !isFew), ...fetched.cases].filter(({ name }) => only.test(name));
  const jobs = chosen.flatMap((one) => allWays.filter((way) => ((isFew ? one.few : one.ways) ?? allWays).includes(way) && (options.get('--way') ?? way) === way).map((way) => ({ one, way, keys: [] })));
  await sideBySide(jobs, lanes, async ({ one, way }) => {
    await proveCase(engine, shell, one, way).catch(({ message }: Error) => fails(`${one.name}, by ${way}: ${message}`));
  });
  const edits = isFew || options.has('--way') ? [] : refusals.filter(({ name }) => only.test(name) || only.source === 'refusals');
  await sideBySide(edits.map((one) => ({ one, keys: [] })), lanes, async ({ one }) => {
    await refuse(engine, shell, one).then((found) => needed.push(found), ({ message }: Error) => fails(`${one.name}: ${message}`));
  });
  for (const { name, way, rule } of needed.filter(({ rule, differences }) => rule === undefined || differences.length === 0)) wrong.push(`${name}, by ${way}: ${rule === undefined ? 'it is not refused' : `${rule} is refused, and nothing differs`}`);
  if (proved.length > 0 || needed.length > 0) summary(proved, refused, needed);
  for (const text of wrong) console.log(text);
  const failed = proved.filter(isWrong).length + wrong.length;
  console.log(`families: ${siblingsOf(proved.filter((one) => !isWrong(one)))} siblings${failed > 0 ? `, ${failed} different` : ''}`);
  if (failed > 0) process.exitCode = 1;
}

function fails(text: string): void {
  wrong.push(text);
  if (options.has('--verbose')) console.log(text);
}

/** All candidates by one way; how many extractions there were. No two ways share an image: what one has built, another would find in the cache. */
async function proveCase(engine: Engine, shell: Buffer, one: Case, way: Way): Promise<number> {
  const lane = laneOf(engine, one.base);
  const project = variantOf(one, way, lane.host);
  if (project === undefined) return 0;
  const families = familiesOf(project.dockerfiles, project);
  if (families.length === 0) fails(`${one.name}, by ${way}: no family`);
  else await standInFor(one, project, shell, lane.host, lane.made);
  let count = 0;
  for (const candidate of families.flatMap(({ candidates }) => candidates)) {
    const extraction = extractionOf(candidate, way, project);
    if ('refused' in extraction) {
      refused.push({ case: one, way, rule: extraction.rule, text: extraction.refused });
      if (options.has('--verbose')) console.log(`refused ${one.name}, by ${way}: ${extraction.rule}: ${extraction.refused}`);
      continue;
    }
    const found: Proved = { case: one, proof: await prove(lane, project, extraction, count++) };
    proved.push(found);
    print(found);
    if (options.has('--verbose')) console.log(`${one.name}, by ${way}: ${found.proof.members.length} members, ${found.proof.differences.length} differences, rows ${found.proof.rows.join(' ')}, ${found.proof.rebuilt === undefined ? 'no cache to keep' : `${found.proof.rebuilt.length} steps again`}`);
  }
  leave(lane);
  return count;
}

async function refuse(engine: Engine, shell: Buffer, one: Refusal): Promise<Needed> {
  const lane = laneOf(engine);
  const result = await isNeeded(lane, one, shell);
  if (options.has('--verbose')) console.log(`${one.name}, by ${one.way}: ${result.rule}, ${result.differences[0]?.split('\n').at(-1)?.slice(0, 200) ?? 'nothing differs'}`);
  leave(lane);
  return result;
}

function laneOf(engine: Engine, base: readonly string[] = config): Lane {
  const index = count++;
  const host = `strata-families-${process.pid}-${index}.test`;
  const made = new Set<string>();
  open.add(made);
  return { engine, host, folder: join(folder, `${index}`), made, env: envOf(base) };
}

function leave({ made }: Lane): void {
  removeImages([...made]);
  open.delete(made);
}
