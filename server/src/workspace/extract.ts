/**
 * Families of a project, and what extracting a base image makes of its files: the base, each sibling, and the build. Texts in, texts
 * out; nothing is written here. Whatever is answered has been proved by putting the base back and comparing what each stage comes to.
 */
import { analyze } from '../core/analyze';
import type { Analysis, Facts } from '../core/build/model';
import { patternsOf, readIgnoreFile } from '../core/build/ignore';
import { chainOf } from '../core/family/chain';
import { costOf } from '../core/family/cost';
import { familyOf } from '../core/family/families';
import { inlined } from '../core/family/inline';
import { mergedFile, slugsOf } from '../core/family/merge';
import type { Candidate, Change, Extraction, Family, Member, NoExtraction, Way } from '../core/family/model';
import { planOf, type MemberBuild, type Plan, type PlanMember, type PlannedMember } from '../core/family/plan';
import { digest, readsOf, shapeOfAnalysis } from '../core/family/shape';
import { openSiblings } from '../core/family/siblings';
import { freeName, namesIn } from '../core/family/stage-names';
import { withStage } from '../core/family/within';
import { baseFile, continued, textOf } from '../core/family/write';
import { contextCopyOf } from '../core/order/copies';
import type { BuildDefinition } from './builds/definition';
import { buildsOf } from './builds/builds';
import { folderOf } from './builds/paths';
import { wired, type Wiring } from './builds/wiring';
import { factsOf, sourcesOfCommands, titleOf } from './builds/facts';

export interface FamilyProject {
  /** Paths from the root, with slashes; undefined where the file cannot be read. */
  readonly text: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
  readonly definitions: readonly BuildDefinition[];
}

export const ways: readonly Way[] = ['file', 'stage', 'bake', 'compose', 'tag'];

export function familiesOf(files: readonly string[], project: FamilyProject): readonly Family[] {
  const siblings = openSiblings();
  for (const file of files) {
    const text = project.text(file);
    if (text === undefined) continue;
    const { shape, context } = shapedFile(file, text, project);
    siblings.set(file, shape, context);
  }
  return siblings.groups().map((group) => familyOf(group, linesIn(project)));
}

/** What the siblings of a file are found by: its shape in the first of its builds, and that one's context. */
export function shapedFile(file: string, text: string, project: FamilyProject) {
  const plain = analyze(text);
  const [definition] = buildsOf(file, project.definitions, project.exists, sourcesOfCommands(plain.commands));
  const facts = factsOf(definition, {});
  const isPlain = Object.keys(facts.buildArgs ?? {}).length === 0 && facts.contexts === undefined;
  return { shape: shapeOfAnalysis(isPlain ? plain : analyze(text, facts), facts), context: contextOf(file, definition, project).identity ?? `of ${file}` };
}

export function linesIn(project: Pick<FamilyProject, 'text'>): (file: string, first: number, last: number) => string | undefined {
  const lines = new Map<string, readonly string[] | undefined>();
  return (file, first, last) => {
    if (!lines.has(file)) lines.set(file, project.text(file)?.split('\n'));
    return lines.get(file)?.slice(first - 1, last).map((line) => line.replace(/\r$/, '')).join('\n');
  };
}

/** The ways that the workspace allows, in the order of Docker's own advice, each with what it would make. */
export function extractionsOf(candidate: Candidate, project: FamilyProject): readonly Extraction[] {
  return ways.flatMap((way) => {
    const made = extractionOf(candidate, way, project);
    return 'refused' in made ? [] : [made];
  });
}

export function extractionOf(candidate: Candidate, way: Way, project: FamilyProject): Extraction | NoExtraction {
  const files = [...new Set(candidate.members.map(({ file }) => file))];
  if (way === 'stage' && files.length > 1) return { refused: 'The members are in several files: a stage is shared within one.', rule: 'several-files' };
  if (way === 'file' && files.length === 1) return { refused: `All members are in ${files[0]} already.`, rule: 'one-file' };
  const read = readMembers(candidate.members, project);
  if ('refused' in read) return read;
  const plan = planOf(read.members, { sameFile: way === 'stage' || way === 'file', withContext: way !== 'tag' });
  if ('refused' in plan) return plan;
  const made = way === 'stage' ? inStage(plan) : way === 'file' ? inFile(plan, files, read, project) : way === 'tag' ? byTag(plan, files, read, project) : byBuild(plan, files, read, way, project);
  if ('refused' in made) return made;
  const unproved = way === 'stage' || way === 'file' ? unlikeTargets(read, made) : unlikeContinued(plan, read, made);
  if (unproved) return unproved;
  const notes = [...benefits(plan, way), ...plan.notes, ...made.notes, ...ownTexts(read, made.changes, project)];
  // Where it is looked at file by file, what stays is said at the file that it stays out of.
  const [first, ...others] = made.changes;
  const changes = plan.notes.length === 0 ? made.changes : [{ ...first, why: [first.why, ...plan.notes].join(' ') }, ...others];
  return { way, members: candidate.members, changes, builds: made.builds, notes: [...new Set(notes)], saves: savingsOf(plan), ...(made.command !== undefined && { command: made.command }) };
}

interface Read {
  readonly members: readonly PlanMember[];
  readonly definitions: ReadonlyMap<string, readonly BuildDefinition[]>;
  readonly texts: ReadonlyMap<string, string>;
}

interface Made {
  readonly changes: readonly Change[];
  readonly builds: Extraction['builds'];
  readonly notes: readonly string[];
  readonly command?: string;
  /** The base's text, where it is a file of its own. */
  readonly base?: { readonly path: string; readonly text: string; readonly word: string };
}

function readMembers(members: readonly Member[], project: FamilyProject): Read | NoExtraction {
  const definitions = new Map<string, readonly BuildDefinition[]>();
  const texts = new Map<string, string>();
  const buildsByFile = new Map<string, readonly MemberBuild[]>();
  for (const { file } of members) {
    if (texts.has(file)) continue;
    const text = project.text(file);
    if (text === undefined) return { refused: `${file} cannot be read.`, rule: 'errors' };
    texts.set(file, text);
    const own = buildsOf(file, project.definitions, project.exists, sourcesOfCommands(analyze(text).commands));
    definitions.set(file, own);
    const builds = own.map((definition): MemberBuild => {
      const facts: Facts = { ...factsOf(definition, {}), target: undefined };
      const { identity, name } = contextOf(file, definition, project);
      return { analysis: analyze(text, facts), facts, context: identity, contextName: name };
    });
    buildsByFile.set(file, builds);
  }
  return {
    definitions, texts,
    members: members.map((member) => ({ member, builds: (buildsByFile.get(member.file) ?? []) as unknown as PlanMember['builds'] })),
  };
}

/** Equal where the folder is, and the ignore file that counts. */
export function contextOf(file: string, { context }: BuildDefinition, project: FamilyProject): { readonly identity: string | undefined; readonly name: string } {
  if (context.kind !== 'folder') return { identity: undefined, name: context.kind === 'remote' ? context.url : 'a context that is not known' };
  const ignored = project.exists(`${file}.dockerignore`) ? project.text(`${file}.dockerignore`) : undefined;
  const folder = context.path === '.' ? "the project's folder" : `the folder ${context.path}`;
  return { identity: `${context.path}${ignored === undefined ? '' : ` without ${digest(ignored)}`}`, name: `${folder}${ignored === undefined ? '' : ' and an ignore file of its own'}` };
}

function inStage(plan: Plan): Made | NoExtraction {
  const [{ analysis, member: { file } }] = plan.members;
  const made = withStage(plan);
  if ('refused' in made) return made;
  const firstStage = Math.min(...plan.members.map(({ member }) => member.stage));
  return {
    changes: [{ path: file, before: analysis.dockerfile.text, after: made.text, why: `Makes a stage ${made.name} of the ${counted(plan.steps.length, 'step')} that ${counted(plan.members.length, 'stage')} begin with.` }],
    builds: plan.members.map(({ member }) => ({ member, file, target: targetOf(analysis, member.stage, member.stage + (member.stage >= firstStage ? 1 : 0)) })),
    notes: redeclaredNote(made.redeclared),
  };
}

function inFile(plan: Plan, files: readonly string[], { definitions, texts }: Read, project: FamilyProject): Made | NoExtraction {
  const ignoring = files.find((file) => project.exists(`${file}.dockerignore`));
  if (ignoring !== undefined) return { refused: `${ignoring} has an ignore file of its own, ${ignoring}.dockerignore: one Dockerfile has one.`, rule: 'ignore-file' };
  const elsewhere = builtElsewhere(definitions);
  if (elsewhere) return elsewhere;
  const made = mergedFile(plan, slugsOf(files));
  if ('refused' in made) return made;
  const folder = commonFolder(files);
  const path = freeName([inFolder(folder, 'Dockerfile'), inFolder(folder, 'Dockerfile.all')], (one) => project.exists(one) && !files.includes(one));
  const changes: Change[] = [
    { path, before: texts.get(path), after: made.text, why: `Holds all of ${counted(files.length, 'Dockerfile')}, each as a target, on a stage base of the ${counted(plan.steps.length, 'step')} that they share.` },
    ...files.filter((file) => file !== path).map((file): Change => ({ path: file, before: texts.get(file), after: undefined, why: `Is the target ${lastOf(made.targets.get(file))} of ${path} now.` })),
  ];
  const wiring = new Map<string, Wiring[]>();
  for (const file of files) {
    const names = made.targets.get(file) ?? [];
    const [{ analysis }] = plan.members.filter(({ member }) => member.file === file);
    for (const definition of definitions.get(file) ?? []) {
      if (definition.source === 'folder') continue;
      if (definition.target === null) return { refused: `Which target ${titleOf(definition)} builds is not known.`, rule: 'target-unknown' };
      const stage = definition.target === undefined ? analysis.stages.length - 1 : analysis.stages.findLast(({ name }) => name === definition.target?.toLowerCase())?.index;
      if (stage === undefined) return { refused: `${titleOf(definition)} builds a target that ${file} does not have.`, rule: 'target-unknown' };
      add(wiring, definition.file, { kind: 'dockerfile', build: definition.name, dockerfile: path, target: names[stage] });
    }
  }
  const wires = wire(wiring, project, () => `Builds the targets of ${path}.`);
  if ('refused' in wires) return wires;
  const unbuilt = files.filter((file) => definitions.get(file)?.every(({ source }) => source === 'folder'));
  return {
    changes: [...changes, ...wires.changes],
    builds: plan.members.map(({ member }) => ({ member, file: path, target: made.targets.get(member.file)?.[member.stage] })),
    notes: [...redeclaredNote(made.redeclared), ...emptied(plan, definitions), ...byHand(path, unbuilt.map((file) => ({ file, target: lastOf(made.targets.get(file)), definition: definitions.get(file)?.[0] })))],
  };
}

/** A folder that was the context for its Dockerfile alone may be empty now. */
function emptied({ members }: Plan, definitions: Read['definitions']): string[] {
  const alone = members.find(({ analysis, member: { file } }) => analysis.stages.every(({ steps }) => steps.every((step) => readsOf(analysis, step) !== 'context'))
    && definitions.get(file)?.some(({ context }) => context.kind === 'folder' && context.path === folderOf(file) && context.path !== '.'));
  return alone ? [`${folderOf(alone.member.file)} stays the context of its build, of which nothing is read: git keeps no folder that is empty.`] : [];
}

/** The builds that no file of the project writes down, as they are called from now on. */
function byHand(path: string, builds: readonly { readonly file: string; readonly target: string; readonly definition: BuildDefinition | undefined }[]): string[] {
  const commands = builds.map(({ target, definition }) => `docker build -f ${quoted(path)} --target ${target} ${definition?.context.kind === 'folder' ? quoted(definition.context.path) : 'CONTEXT'}`);
  return commands.length === 0 ? [] : [`They are built by ${commands.slice(0, 3).join(', ')}${commands.length > 3 ? ` and so on for the other ${commands.length - 3}` : ''} from now on.`];
}

/** Bake or Compose: the base is a target or service of the same file, and a named context of each sibling. */
function byBuild(plan: Plan, files: readonly string[], read: Read, way: 'bake' | 'compose', project: FamilyProject): Made | NoExtraction {
  const { definitions } = read;
  const elsewhere = builtElsewhere(definitions);
  if (elsewhere) return elsewhere;
  const own = [...definitions.values()].flat().filter(({ source }) => source !== 'folder');
  const unbuilt = files.filter((file) => !definitions.get(file)?.some(({ source }) => source === 'bake' || source === 'compose'));
  const files2 = new Set(own.map(({ file }) => file));
  let home = own.find(({ source }) => source === way)?.file;
  if (way === 'compose') {
    if (home === undefined) return { refused: 'No Compose file builds them.', rule: 'no-compose' };
    if (unbuilt.length > 0) return { refused: `No Compose file builds ${listedFiles(unbuilt)}.`, rule: 'no-compose' };
  } else if (unbuilt.length === 0 && home === undefined) return { refused: `They are built by ${[...files2].join(' and ')}: Compose can do it.`, rule: 'no-bake' };
  home ??= project.definitions.find(({ source }) => source === 'bake')?.file ?? ['docker-bake.hcl', 'docker-bake.json'].find(project.exists) ?? 'docker-bake.hcl';
  files2.add(home);
  const platforms = new Set(own.map((definition) => JSON.stringify(definition.platforms)));
  if (platforms.size > 1) return { refused: 'Their builds are for different platforms: the base would have to be built for each.', rule: 'platforms' };

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
    if (definition?.context.kind !== 'folder') return { refused: `The build context of ${file} is not known.`, rule: 'context-unknown' };
    add(wiring, home, { kind: 'add', build: { name: build, context: definition.context.path, dockerfile: file, args: {}, platforms: [], contexts: {}, isDefault: true } });
    add(wiring, home, { kind: 'context', build, name, of: name });
  }
  const wires = wire(wiring, project, (file) => `Builds ${name} first, and gives it to ${counted([...definitions.values()].flat().filter((one) => one.file === file).length + (file === home ? unbuilt.length : 0), 'build')}.`);
  if ('refused' in wires) return wires;
  const tool = way === 'bake' ? 'docker buildx bake' : 'docker compose build';
  return { ...made, changes: [...made.changes, ...wires.changes], notes: [...made.notes, ...triggersNote(plan, read), `From now on ${tool} builds them: docker build alone does not know ${name}.`] };
}

/** The base is an image of a name; whoever builds a sibling builds it first, and pulls it elsewhere. */
function byTag(plan: Plan, files: readonly string[], read: Read, project: FamilyProject): Made | NoExtraction {
  const several = [...read.definitions.values()].flat().find(({ platforms }) => platforms.length > 1);
  if (several) return { refused: `${titleOf(several)} is for several platforms: the base would have to be pushed for each.`, rule: 'platforms' };
  const args = Object.entries(plan.args).map(([name, value]) => ` --build-arg ${quoted(`${name}=${value}`)}`).join('');
  const repository = `${(plan.members[0].analysis.stages[plan.members[0].member.stage].base as { reference: string }).reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '').split('/').pop() ?? 'image'}-base`;
  const tag = `${repository}:${digest(`${baseFile(plan, [])}${args}`)}`;
  const folder = commonFolder(files);
  const path = freeName(['Dockerfile.base'], (one) => project.exists(inFolder(folder, one)));
  const place = inFolder(folder, path);
  const command = `docker build -t ${tag}${args} -f ${quoted(place)} ${quoted(contextFolder(read) ?? folder)}`;
  const made = continuedFiles(plan, files, tag, place, [`What ${listedFiles(files)} begin with. Built before them: ${command}`], read, project);
  if ('refused' in made) return made;
  return { ...made, command, notes: [...made.notes, ...triggersNote(plan, read), `Before them the base is built: ${command}`, `The tag is a digest of its text: a change of it wants another tag, there and in them. For a builder other than the engine's own it has to be pushed.`] };
}

function continuedFiles(plan: Plan, files: readonly string[], word: string, path: string, comments: readonly string[], { texts }: Read, project: FamilyProject): Made | NoExtraction {
  const base = baseFile(plan, comments);
  const changes: Change[] = [{ path, before: undefined, after: base, why: `Holds the ${counted(plan.steps.length, 'step')} that ${counted(files.length, 'Dockerfile')} begin with.` }];
  const ignored = plan.readsContext ? project.text(`${files[0]}.dockerignore`) : undefined;
  if (ignored !== undefined) changes.push({ path: `${path}.dockerignore`, before: undefined, after: ignored, why: `The base is built with what ${files[0]}.dockerignore leaves of the context.` });
  let redeclared = 0;
  for (const file of files) {
    const members = plan.members.filter(({ member }) => member.file === file);
    const made = continued(members, word, plan.members, false);
    if ('refused' in made) return made;
    redeclared += made.redeclared;
    const gone = members.reduce((sum, { moved }) => sum + moved.length, 0);
    changes.push({ path: file, before: texts.get(file), after: textOf(members[0].analysis.dockerfile, made.edits), why: `Continues the base: ${counted(gone, 'step')} less here${made.redeclared > 0 ? `, ${counted(made.redeclared, 'ARG')} declared again, since an image keeps none` : ''}.` });
  }
  return {
    changes, base: { path, text: base, word },
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

function redeclaredNote(count: number): string[] {
  return count > 0 ? ['An ARG that is declared again has its row in the history twice; in the base it has the value that the base was built with.'] : [];
}

function builtElsewhere(definitions: Read['definitions']): NoExtraction | undefined {
  const fixed = [...definitions].flatMap(([file, own]) => own.map((definition) => ({ file, definition }))).find(({ definition: { source } }) => source !== 'folder' && source !== 'bake' && source !== 'compose');
  return fixed && { refused: `${fixed.file} is built by ${titleOf(fixed.definition)}, too, which would not know the base.`, rule: 'built-elsewhere' };
}

/** Named contexts that the base's own steps read. */
function namedContexts({ steps }: Plan, own: readonly BuildDefinition[]): { readonly contexts: BuildDefinition['contexts'] } | NoExtraction {
  const contexts: Record<string, BuildDefinition['contexts'][string]> = {};
  for (const { command } of steps) {
    const names = command.kind === 'COPY' && command.flags.from ? [command.flags.from.text] : command.kind === 'RUN' ? command.mounts.map(({ text }) => /(?:^|,)from=([^,]*)/.exec(text)?.[1] ?? '') : [];
    for (const name of names) {
      const given = own.map((definition) => Object.entries(definition.contexts).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]);
      if (given.every((one) => one === undefined)) continue;
      const [first] = given;
      if (first === undefined || first.kind === 'unknown' || given.some((one) => JSON.stringify(one) !== JSON.stringify(first))) return { refused: `Their builds give other contexts for ${name}.`, rule: 'named-context' };
      contexts[name] = first;
    }
  }
  return { contexts };
}

function wire(wiring: ReadonlyMap<string, readonly Wiring[]>, project: FamilyProject, why: (file: string) => string): { readonly changes: readonly Change[] } | NoExtraction {
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
function triggersNote(plan: Plan, read: Read): string[] {
  if (contextFolder(read) !== undefined) return [];
  const [{ analysis, member }] = plan.members;
  const { base } = analysis.stages[member.stage];
  return [`Where ${base.kind === 'image' ? base.reference : 'the base image'} has ONBUILD triggers, they run when the base is built, and not with the context of each.`];
}

/** Puts the base back in place, and compares what every stage of every build comes to. */
function unlikeContinued(plan: Plan, { members, texts }: Read, { changes, base }: Made): NoExtraction | undefined {
  if (!base) return undefined;
  const after = new Map(changes.map(({ path, after: text }) => [path, text]));
  for (const [file, before] of texts) {
    const [{ builds }] = members.filter(({ member }) => member.file === file);
    const stages = plan.members.filter(({ member }) => member.file === file).map(({ member }) => member.stage);
    const back = inlined(analyze(after.get(file) ?? before), file, stages, analyze(base.text), base.path);
    if ('refused' in back) return { refused: `It could not be shown that ${file} stays the same: ${back.refused}`, rule: 'unproved' };
    for (const { analysis, facts } of builds) {
      const again = analyze(back.text, facts);
      const isSame = again.problems.length === analysis.problems.length && again.stages.length === analysis.stages.length
        && analysis.stages.every(({ index }) => JSON.stringify(chainOf(analysis, index)) === JSON.stringify(chainOf(again, index)));
      if (!isSame) return { refused: `It could not be shown that ${file} stays the same.`, rule: 'unproved' };
    }
  }
  return undefined;
}

function unlikeTargets({ members }: Read, { changes, builds }: Made): NoExtraction | undefined {
  const after = new Map(changes.map(({ path, after: text }) => [path, text]));
  for (const { member, builds: own } of members) {
    const place = builds.find((one) => one.member.file === member.file && one.member.stage === member.stage);
    for (const { analysis, facts } of own) {
      const again = analyze(after.get(place?.file ?? '') ?? '', facts);
      const target = place?.target;
      const stage = target === undefined ? again.stages.length - 1 : /^\d+$/.test(target) ? Number(target) : again.stages.findLast(({ name }) => name === target.toLowerCase())?.index;
      const isSame = stage !== undefined && again.stages[stage] !== undefined && again.problems.length === 0 && JSON.stringify(chainOf(analysis, member.stage)) === JSON.stringify(chainOf(again, stage));
      if (!isSame) return { refused: `It could not be shown that ${member.file} stays the same.`, rule: 'unproved' };
    }
  }
  return undefined;
}

function savingsOf({ members, steps }: Plan): Extraction['saves'] {
  const lines = (one: PlannedMember): number => one.moved.reduce((sum, index) => {
    const { firstLine, lastLine } = one.analysis.stages[one.member.stage].steps[index].instruction;
    return sum + lastLine - firstLine + 1;
  }, 0);
  const layers = steps.filter(({ command }) => command.kind === 'RUN' || command.kind === 'COPY' || command.kind === 'ADD').length;
  return { lines: members.slice(1).reduce((sum, one) => sum + lines(one), 0), instructions: steps.length * (members.length - 1), layers: layers * (members.length - 1) };
}

/** What it buys, and what it does not. */
function benefits(plan: Plan, way: Way): string[] {
  const { members, steps } = plan;
  const layers = steps.filter(({ row }) => row === 'layer').length;
  const buys = `One place to edit for ${counted(steps.length, 'step')} of ${counted(members.length, 'stage')}, and no drift between them; builders without a shared cache make ${counted(layers, 'layer')} once instead of ${members.length} times.`;
  const nothing = 'On one builder that has built them nothing gets faster: the layers are shared there already.';
  if (way === 'tag') return [buys, nothing, 'Every sibling is built anew once: below an image of a name no step is known from before.'];
  const cost = costOf(plan);
  switch (cost.kind) {
    case 'kept': return [buys, nothing, 'The cache stays as it is.'];
    case 'unless': return [buys, nothing, `The cache stays as it is, unless the base image sets ${cost.names.join(' or ')} itself: then each RUN below runs again once.`];
    case 'lost': return [buys, nothing, `Each RUN below the base runs again once: ${cost.names.join(', ')} ${cost.names.length === 1 ? 'stands' : 'stand'} at another place of its environment.`];
  }
}

/** A copy that takes the changed files themselves into an image. */
function ownTexts({ definitions, members }: Read, changes: readonly Change[], project: FamilyProject): string[] {
  const notes: string[] = [];
  for (const { member, builds: [{ analysis }] } of members) {
    const context = definitions.get(member.file)?.[0].context;
    if (context?.kind !== 'folder') continue;
    const ignored = project.text(`${member.file}.dockerignore`) ?? project.text(inFolder(context.path, '.dockerignore'));
    const patterns = ignored === undefined ? undefined : patternsOf(readIgnoreFile(ignored));
    const prefix = context.path === '.' ? '' : `${context.path}/`;
    const inside = changes.map(({ path }) => path).filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length))
      .filter((path) => !(patterns && !('error' in patterns) && patterns.matches(path)));
    const step = analysis.stages.flatMap(({ steps }) => steps).find((one) => contextCopyOf(one)?.sources.some((source) => inside.some((path) => source === '' || path === source || path.startsWith(`${source}/`) || /[*?[]/.test(source))));
    if (step) notes.push(`${step.command.kind} of line ${step.line ?? 0} of ${member.file} takes in files that change here (${inside[0]}): they are in the image as they are then.`);
  }
  return notes;
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

function inFolder(folder: string, name: string): string {
  return folder === '.' || folder === '' ? name : `${folder}/${name}`;
}

function listedFiles(files: readonly string[]): string {
  if (files.length > 3) return `${counted(files.length, 'Dockerfile')} (${files[0]} …)`;
  return files.length === 1 ? files[0] : `${files.slice(0, -1).join(', ')} and ${files[files.length - 1]}`;
}

function lastOf(names: readonly (string | undefined)[] | undefined): string {
  return names?.[names.length - 1] ?? '';
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
