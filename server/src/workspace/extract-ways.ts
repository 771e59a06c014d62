/** The five ways of an extraction: a plan → the files that are made, changed and removed, the build's among them. */
import type { Analysis } from '../core/build/model';
import { sourceNames } from '../core/family/chain';
import { mergedFile, slugsOf } from '../core/family/merge';
import type { Change, Extraction, NoExtraction } from '../core/family/model';
import type { Plan, PlanMember } from '../core/family/plan';
import { digest, readsOf } from '../core/family/shape';
import { freeName, namesIn } from '../core/family/stage-names';
import { withStage } from '../core/family/within';
import { listed, plural } from '../core/rules/words';
import { counted, joined, say, type Said } from '../core/say';
import { baseFile, continued, textOf } from '../core/family/write';
import type { BuildDefinition } from './builds/definition';
import { titleOf } from './builds/facts';
import { folderOf } from './builds/paths';
import { wired, type Wiring } from './builds/wiring';
import type { FamilyProject } from './extract';

export interface Read {
  readonly members: readonly PlanMember[];
  readonly definitions: ReadonlyMap<string, readonly BuildDefinition[]>;
  readonly texts: ReadonlyMap<string, string>;
}

/** What a way makes of the files. */
export interface Made {
  readonly changes: readonly Change[];
  readonly builds: Extraction['builds'];
  readonly notes: readonly Said[];
  /** Of these, what is for a user to do. */
  readonly next?: readonly Said[];
  readonly command?: string;
  /** Where each stage of a file is afterwards, if they are all in one file: its name or number there. */
  readonly stages?: { readonly path: string; readonly of: (file: string, stage: number) => string | number };
  /** The base's text, where it is a file of its own. */
  readonly base?: { readonly path: string; readonly text: string };
}

export function inStage(plan: Plan): Made | NoExtraction {
  const [{ analysis, member: { file } }] = plan.members;
  const made = withStage(plan);
  if ('refused' in made) return made;
  const firstStage = Math.min(...plan.members.map(({ member }) => member.stage));
  return {
    changes: [{ path: file, before: analysis.dockerfile.text, after: made.text, why: counted(plan.steps.length, 'Makes a stage {1} of the {0} step that {2} stages begin with.', 'Makes a stage {1} of the {0} steps that {2} stages begin with.', made.name, plan.members.length) }],
    builds: plan.members.map(({ member }) => ({ member, file, target: targetOf(analysis, member.stage, member.stage + (member.stage >= firstStage ? 1 : 0)) })),
    notes: redeclaredNote(made.redeclared),
    stages: { path: file, of: (_, stage) => stage + (stage >= firstStage ? 1 : 0) },
  };
}

export function inFile(plan: Plan, files: readonly string[], { definitions, texts }: Read, project: FamilyProject): Made | NoExtraction {
  const ignoring = files.find((file) => project.exists(`${file}.dockerignore`));
  if (ignoring !== undefined) return { refused: say('{0} has an ignore file of its own, {1}: one Dockerfile has one.', ignoring, `${ignoring}.dockerignore`), rule: 'ignore-file' };
  const elsewhere = builtElsewhere(definitions);
  if (elsewhere) return elsewhere;
  const made = mergedFile(plan, slugsOf(files));
  if ('refused' in made) return made;
  const folder = commonFolder(files);
  const path = freeName([inFolder(folder, 'Dockerfile'), inFolder(folder, 'Dockerfile.all')], (one) => project.exists(one) && !files.includes(one));
  const changes: Change[] = [
    { path, before: texts.get(path), after: made.text, why: counted(plan.steps.length, 'Holds all of {1} Dockerfiles, each as a target, on a stage base of the {0} step that they share.', 'Holds all of {1} Dockerfiles, each as a target, on a stage base of the {0} steps that they share.', files.length) },
    ...files.filter((file) => file !== path).map((file): Change => ({ path: file, before: texts.get(file), after: undefined, why: say('Is the target {0} of {1} now.', lastOf(made.targets.get(file)) ?? '?', path) })),
  ];
  const wiring = new Map<string, Wiring[]>();
  for (const file of files) {
    const names = made.targets.get(file) ?? [];
    const [{ analysis }] = plan.members.filter(({ member }) => member.file === file);
    for (const definition of definitions.get(file) ?? []) {
      if (definition.source === 'folder') continue;
      if (definition.target === null) return { refused: say('Which target {0} builds is not known.', titleOf(definition)), rule: 'target-unknown' };
      const stage = definition.target === undefined ? analysis.stages.length - 1 : analysis.stages.findLast(({ name }) => name === definition.target?.toLowerCase())?.index;
      if (stage === undefined) return { refused: say('{0} builds a target that {1} does not have.', titleOf(definition), file), rule: 'target-unknown' };
      add(wiring, definition.file, { kind: 'dockerfile', build: definition.name, dockerfile: path, target: names[stage] });
    }
  }
  const wires = wire(wiring, project, () => say('Builds the targets of {0}.', path));
  if ('refused' in wires) return wires;
  const unbuilt = files.filter((file) => definitions.get(file)?.every(({ source }) => source === 'folder'));
  const next = byHand(path, unbuilt.map((file) => ({ file, target: lastOf(made.targets.get(file)), definition: definitions.get(file)?.[0] })));
  return {
    changes: [...changes, ...wires.changes],
    builds: plan.members.map(({ member }) => ({ member, file: path, target: made.targets.get(member.file)?.[member.stage] })),
    stages: { path, of: (file, stage) => made.targets.get(file)?.[stage] ?? '' },
    notes: [...redeclaredNote(made.redeclared), ...emptied(plan, definitions), ...next],
    next,
  };
}

/** A folder that was the context for its Dockerfile alone may be empty now. */
function emptied({ members }: Plan, definitions: Read['definitions']): Said[] {
  const alone = members.find(({ analysis, member: { file } }) => analysis.stages.every(({ steps }) => steps.every((step) => readsOf(analysis, step) !== 'context'))
    && definitions.get(file)?.some(({ context }) => context.kind === 'folder' && context.path === folderOf(file) && context.path !== '.'));
  return alone ? [say('{0} stays the context of its build, of which nothing is read: git keeps no folder that is empty.', folderOf(alone.member.file))] : [];
}

/** The builds that no file of the project writes down, as they are called from now on. */
function byHand(path: string, builds: readonly { readonly file: string; readonly target: string; readonly definition: BuildDefinition | undefined }[]): Said[] {
  const commands = builds.map(({ target, definition }) => `docker build -f ${quoted(path)} --target ${target} ${definition?.context.kind === 'folder' ? quoted(definition.context.path) : 'CONTEXT'}`);
  return commands.length === 0 ? [] : [commands.length > 3 ? say('They are built by {0} and so on for the other {1} from now on.', commands.slice(0, 3).join(', '), commands.length - 3) : say('They are built by {0} from now on.', commands.join(', '))];
}

/** Bake or Compose: the base is a target or service of the same file, and a named context of each sibling. */
export function byBuild(plan: Plan, files: readonly string[], read: Read, way: 'bake' | 'compose', project: FamilyProject): Made | NoExtraction {
  const { definitions } = read;
  const elsewhere = builtElsewhere(definitions);
  if (elsewhere) return elsewhere;
  const own = [...definitions.values()].flat().filter(({ source }) => source !== 'folder');
  const unbuilt = files.filter((file) => !definitions.get(file)?.some(({ source }) => source === 'bake' || source === 'compose'));
  const files2 = new Set(own.map(({ file }) => file));
  let home = own.find(({ source }) => source === way)?.file;
  if (way === 'compose') {
    if (home === undefined) return { refused: say('No Compose file builds them.'), rule: 'no-compose' };
    if (unbuilt.length > 0) return { refused: say('No Compose file builds {0}.', filesText(unbuilt)), rule: 'no-compose' };
  } else if (unbuilt.length === 0 && home === undefined) return { refused: say('They are built by {0}: Compose can do it.', listed([...files2])), rule: 'no-bake' };
  home ??= project.definitions.find(({ source }) => source === 'bake')?.file ?? ['docker-bake.hcl', 'docker-bake.json'].find(project.exists) ?? 'docker-bake.hcl';
  files2.add(home);
  const platforms = new Set(own.map((definition) => JSON.stringify(definition.platforms)));
  if (platforms.size > 1) return { refused: say('Their builds are for different platforms: the base would have to be built for each.'), rule: 'platforms' };

  const taken = new Set([...namesIn(plan.members.map(({ analysis }) => analysis)), ...project.definitions.filter(({ file }) => files2.has(file)).map(({ name }) => name.toLowerCase())]);
  const folder = commonFolder(files);
  const path = (name: string): string => inFolder(folder, `Dockerfile.${name}`);
  const name = freeName(['base'], (one) => taken.has(one) || project.exists(path(one)) || own.some(({ contexts }) => Object.hasOwn(contexts, one)));
  const made = continuedFiles(plan, files, name, path(name), [`What ${listedFiles(files)} begin with.`], read, project);
  if ('refused' in made) return made;

  const context = contextFolder(read) ?? folder;
  const named = namedContexts(plan, own);
  if ('refused' in named) return named;
  const wiring = new Map<string, Wiring[]>();
  const slugs = slugsOf(unbuilt);
  for (const file of files2) add(wiring, file, { kind: 'add', build: { name, context, dockerfile: path(name), args: plan.args, platforms: own[0]?.platforms ?? [], contexts: named.contexts } });
  for (const definition of own) add(wiring, definition.file, { kind: 'context', build: definition.name, name, of: name });
  for (const file of unbuilt) {
    const [definition] = definitions.get(file) ?? [];
    const build = freeName([slugs.get(file) ?? 'image'], (one) => taken.has(one.toLowerCase()) || one === name);
    taken.add(build.toLowerCase());
    if (definition?.context.kind !== 'folder') return { refused: say('The build context of {0} is not known.', file), rule: 'context-unknown' };
    add(wiring, home, { kind: 'add', build: { name: build, context: definition.context.path, dockerfile: file, args: {}, platforms: [], contexts: {}, isDefault: true } });
    add(wiring, home, { kind: 'context', build, name, of: name });
  }
  const wires = wire(wiring, project, (file) => counted([...definitions.values()].flat().filter((one) => one.file === file).length + (file === home ? unbuilt.length : 0), 'Builds {1} first, and gives it to {0} build.', 'Builds {1} first, and gives it to {0} builds.', name));
  if ('refused' in wires) return wires;
  const tool = way === 'bake' ? 'docker buildx bake' : 'docker compose build';
  const next = say('From now on {0} builds them: docker build alone does not know {1}.', tool, name);
  return { ...made, changes: [...made.changes, ...wires.changes], notes: [...made.notes, ...triggersNote(plan, read), next], next: [next] };
}

/** The base is an image of a name; whoever builds a sibling builds it first, and pulls it elsewhere. */
export function byTag(plan: Plan, files: readonly string[], read: Read, project: FamilyProject): Made | NoExtraction {
  const several = [...read.definitions.values()].flat().find(({ platforms }) => platforms.length > 1);
  if (several) return { refused: say('{0} is for several platforms: the base would have to be pushed for each.', titleOf(several)), rule: 'platforms' };
  const args = Object.entries(plan.args).map(([name, value]) => ` --build-arg ${quoted(`${name}=${value}`)}`).join('');
  const repository = `${(plan.members[0].analysis.stages[plan.members[0].member.stage].base as { reference: string }).reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '').split('/').pop() ?? 'image'}-base`;
  const tag = `${repository}:${digest(`${baseFile(plan, [])}${args}`)}`;
  const folder = commonFolder(files);
  const path = freeName(['Dockerfile.base'], (one) => project.exists(inFolder(folder, one)));
  const place = inFolder(folder, path);
  const command = `docker build -t ${tag}${args} -f ${quoted(place)} ${quoted(contextFolder(read) ?? folder)}`;
  const made = continuedFiles(plan, files, tag, place, [`What ${listedFiles(files)} begin with. Built before them: ${command}`], read, project);
  if ('refused' in made) return made;
  const next = say('Before them the base is built: {0}', command);
  return { ...made, command, notes: [...made.notes, ...triggersNote(plan, read), next, say("The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.")], next: [next] };
}

function continuedFiles(plan: Plan, files: readonly string[], word: string, path: string, comments: readonly string[], { texts }: Read, project: FamilyProject): Made | NoExtraction {
  const base = baseFile(plan, comments);
  const changes: Change[] = [{ path, before: undefined, after: base, why: counted(plan.steps.length, 'Holds the {0} step that {1} Dockerfiles begin with.', 'Holds the {0} steps that {1} Dockerfiles begin with.', files.length) }];
  const ignored = plan.readsContext ? project.text(`${files[0]}.dockerignore`) : undefined;
  if (ignored !== undefined) changes.push({ path: `${path}.dockerignore`, before: undefined, after: ignored, why: say('The base is built with what {0} leaves of the context.', `${files[0]}.dockerignore`) });
  let redeclared = 0;
  for (const file of files) {
    const members = plan.members.filter(({ member }) => member.file === file);
    const made = continued(members, word, plan.members, false);
    if ('refused' in made) return made;
    redeclared += made.redeclared;
    const gone = members.reduce((sum, { moved }) => sum + moved.length, 0);
    changes.push({ path: file, before: texts.get(file), after: textOf(members[0].analysis.dockerfile, made.edits), why: joined([counted(gone, 'Continues the base: {0} step less here.', 'Continues the base: {0} steps less here.'), made.redeclared > 0 ? counted(made.redeclared, '{0} ARG is declared again, since an image keeps none.', '{0} ARGs are declared again, since an image keeps none.') : undefined], ' ') });
  }
  return {
    changes, base: { path, text: base },
    builds: plan.members.map(({ analysis, member }) => ({ member, file: member.file, target: targetOf(analysis, member.stage, member.stage) })),
    notes: redeclaredNote(redeclared),
  };
}

/** The last stage needs no name; one that has none, or that a later one takes, has its number. */
function targetOf({ stages }: Analysis, stage: number, after: number): string | undefined {
  if (stage === stages.length - 1) return undefined;
  const { name } = stages[stage];
  return name === null || stages.slice(stage + 1).some((other) => other.name === name) ? String(after) : name;
}

function redeclaredNote(count: number): Said[] {
  return count > 0 ? [say('An ARG that is declared again has its row in the history twice; in the base it has the value that the base was built with.')] : [];
}

function builtElsewhere(definitions: Read['definitions']): NoExtraction | undefined {
  const fixed = [...definitions].flatMap(([file, own]) => own.map((definition) => ({ file, definition }))).find(({ definition: { source } }) => source !== 'folder' && source !== 'bake' && source !== 'compose');
  return fixed && { refused: say('{0} is built by {1}, too, which would not know the base.', fixed.file, titleOf(fixed.definition)), rule: 'built-elsewhere' };
}

/** Named contexts that the base's own steps read. */
function namedContexts({ steps }: Plan, own: readonly BuildDefinition[]): { readonly contexts: BuildDefinition['contexts'] } | NoExtraction {
  const contexts: Record<string, BuildDefinition['contexts'][string]> = {};
  for (const step of steps) {
    for (const name of sourceNames(step)) {
      const given = own.map((definition) => Object.entries(definition.contexts).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]);
      if (given.every((one) => one === undefined)) continue;
      const [first] = given;
      if (first === undefined || first.kind === 'unknown' || given.some((one) => JSON.stringify(one) !== JSON.stringify(first))) return { refused: say('Their builds give other contexts for {0}.', name), rule: 'named-context' };
      contexts[name] = first;
    }
  }
  return { contexts };
}

function wire(wiring: ReadonlyMap<string, readonly Wiring[]>, project: FamilyProject, why: (file: string) => Said): { readonly changes: readonly Change[] } | NoExtraction {
  const changes: Change[] = [];
  for (const [file, wishes] of wiring) {
    const before = project.text(file);
    const made = wired(file, before, wishes, project.exists);
    if ('refused' in made) return { refused: made.refused, rule: 'wiring' };
    changes.push({ path: file, before, after: made.text, why: why(file) });
  }
  return { changes };
}

/** The folder that all of their builds have for their context; undefined where they have several. */
function contextFolder({ definitions }: Read): string | undefined {
  const folders = new Set([...definitions.values()].flat().map(({ context }) => (context.kind === 'folder' ? context.path : undefined)));
  return folders.size === 1 ? [...folders][0] : undefined;
}

/** A trigger of the base image reads the context that the base is built with. */
function triggersNote(plan: Plan, read: Read): Said[] {
  if (contextFolder(read) !== undefined) return [];
  const [{ analysis, member }] = plan.members;
  const { base } = analysis.stages[member.stage];
  return [say('Where {0} has ONBUILD triggers, they run when the base is built, and not with the context of each.', base.kind === 'image' && base.reference !== null ? base.reference : say('the base image'))];
}

function add(wiring: Map<string, Wiring[]>, file: string, wish: Wiring): void {
  const known = wiring.get(file);
  if (known) known.push(wish);
  else wiring.set(file, [wish]);
}

function commonFolder(files: readonly string[]): string {
  let common = folderOf(files[0]).split('/');
  for (const file of files) {
    const own = folderOf(file).split('/');
    let same = 0;
    while (same < common.length && common[same] === own[same]) same++;
    common = common.slice(0, same);
  }
  return common.join('/') || '.';
}

export function inFolder(folder: string, name: string): string {
  return folder === '.' || folder === '' ? name : `${folder}/${name}`;
}

function filesText(files: readonly string[]): Said {
  return files.length > 3 ? say('{0} Dockerfiles ({1} …)', files.length, files[0]) : listed(files);
}

/** For a comment in a file, which is English. */
function listedFiles(files: readonly string[]): string {
  if (files.length > 3) return `${plural(files.length, 'Dockerfile')} (${files[0]} …)`;
  return files.length === 1 ? files[0] : `${files.slice(0, -1).join(', ')} and ${files[files.length - 1]}`;
}

function lastOf(names: readonly (string | undefined)[] | undefined): string {
  return names?.[names.length - 1] ?? '';
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
