/**
 * What a build of a project comes to, found without the extraction's own proof: the layers with the state that each is made in, and
 * the config of the image, as BuildKit keeps it when one image continues another. A base that is an image of its own is analysed as
 * one: it has a config, and no ARG of it is left.
 */
import { analyze } from '../src/core/analyze';
import { inOrder } from '../src/core/build/env';
import type { Analysis, BaseImage, Facts, NamedContext, Stage, Step } from '../src/core/build/model';
import { mountFrom } from '../src/core/build/mounts';
import { chainOf } from '../src/core/family/chain';
import { inlined, inlinedStage } from '../src/core/family/inline';
import type { Extraction } from '../src/core/family/model';
import type { BuildDefinition } from '../src/workspace/builds/definition';
import { factsOf } from '../src/workspace/builds/facts';
import { afterwards, buildsIn, type Project } from './families';

export interface Meaning {
  readonly layers: readonly string[];
  readonly config: Config;
}

interface Config {
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly exposed: readonly string[];
  readonly volumes: readonly string[];
  readonly onbuild: readonly string[];
  readonly entrypoint: string | null;
  readonly cmd: string | null;
  readonly others: Readonly<Record<string, string>>;
  readonly user: string | null;
  readonly workdir: string | null;
  readonly shell: readonly string[];
}

/** What every image of a registry is taken to have. */
export interface Registry {
  readonly env: readonly string[];
  readonly cmd: string | null;
  readonly entrypoint: string | null;
  readonly user: string;
  readonly workdir: string;
}

const nothing: Omit<Config, 'env' | 'cmd' | 'entrypoint' | 'user' | 'workdir'> = { labels: {}, exposed: [], volumes: [], onbuild: [], others: {}, shell: ['/bin/sh', '-c'] };

/** Where an extraction changes what a member, or anything else of its file, comes to: one line each. */
export function differences(before: Project, { changes, builds, command, way }: Extraction, registry: Registry): string[] {
  const after = afterwards(before, changes);
  const found: string[] = [];
  for (const { member, file, target } of builds) {
    for (const definition of buildsIn(before, member.file)) {
      const now = definition.source === 'folder'
        ? buildsIn(after, file).find(({ source, dockerfile }) => source === 'bake' && dockerfile === member.file) ?? { ...definition, dockerfile: file }
        : after.definitions.find((one) => one.source === definition.source && one.file === definition.file && one.name === definition.name);
      if (!now) {
        found.push(`${definition.name} is gone`);
        continue;
      }
      const old = analysed(before, member.file, definition, undefined, registry);
      const made = analysed(after, file, now, command, registry);
      for (const problem of made.analysis.problems) if (!old.analysis.problems.some(({ message }) => message === problem.message)) found.push(`${file}:${problem.line}: ${problem.message}`);
      const pairs: [number, number | undefined][] = [[member.stage, stageNamed(made.analysis, target)]];
      // What is no member keeps its place, where the file stays.
      if (way !== 'file' && way !== 'stage') old.analysis.stages.forEach(({ index }) => pairs.push([index, index]));
      if (definition.source !== 'folder' && definition.target !== null) pairs.push([stageNamed(old.analysis, definition.target) ?? -1, stageNamed(made.analysis, now.target ?? undefined)]);
      else if (way === 'stage') pairs.push([old.analysis.stages.length - 1, made.analysis.stages.length - 1]);
      for (const [was, is] of pairs) {
        const difference = differing(was === -1 ? undefined : meaningOf(old, was), is === undefined || !made.analysis.stages[is] ? undefined : meaningOf(made, is));
        if (difference !== undefined) found.push(`by ${way}, ${member.file} stage ${was}, ${definition.source} ${definition.name}: ${difference}`);
      }
    }
  }
  return found;
}

/** The first layer or the first field of the config that is another. */
function differing(was: Meaning | undefined, is: Meaning | undefined): string | undefined {
  if (!was || !is) return was || is ? 'there is no such stage' : undefined;
  const layer = was.layers.findIndex((text, i) => is.layers[i] !== text);
  if (layer !== -1) return `\n  ${was.layers[layer]}\n  ${is.layers[layer]}`;
  if (is.layers.length > was.layers.length) return `\n  ${is.layers[was.layers.length]}`;
  for (const [field, value] of Object.entries(was.config)) {
    const other = JSON.stringify(is.config[field as keyof Config]);
    if (JSON.stringify(value) !== other) return `${field}\n  ${JSON.stringify(value)}\n  ${other}`;
  }
  return undefined;
}

/** The project's own reverse gives the chains that were there, stage by stage; else one line for each that differs. */
export function putBack(project: Project, { way, changes, builds }: Extraction): string[] {
  const after = afterwards(project, changes);
  const base = changes.find(({ path, before }) => before === undefined && /(?:^|\/)Dockerfile\.[^/]*$/.test(path) && !path.endsWith('.dockerignore'));
  const found: string[] = [];
  const compare = (was: Analysis, stage: number, back: { readonly text: string } | { readonly refused: string }, of: (again: Analysis) => number | undefined, where: string): void => {
    if ('refused' in back) return void found.push(`by ${way}, ${where}: ${back.refused}`);
    const again = analyze(back.text);
    const place = of(again);
    const problem = again.problems.find(({ message }) => !was.problems.some((other) => other.message === message));
    if (problem) found.push(`by ${way}, ${where}: ${problem.message}`);
    else if (place === undefined || !again.stages[place] || JSON.stringify(chainOf(again, place)) !== JSON.stringify(chainOf(was, stage))) found.push(`by ${way}, ${where} stage ${stage} is another`);
  };
  for (const file of new Set(builds.map(({ member }) => member.file))) {
    const was = analyze(project.text(file) ?? '');
    const own = builds.filter(({ member }) => member.file === file);
    if (way === 'file' || way === 'stage') {
      const now = analyze(after.text(own[0].file) ?? '');
      const common = now.stages.find(({ index, base: { kind } }) => kind === 'image' && own.some(({ target }) => baseOf(now, target) === index))?.index ?? -1;
      const back = common === -1 ? { refused: 'no stage is continued' } : inlinedStage(now, own[0].file, common);
      for (const { member, target } of own) compare(was, member.stage, back, (again) => stageNamed(again, target !== undefined && /^\d+$/.test(target) ? String(Number(target) - 1) : target), file);
    } else {
      const back = inlined(analyze(after.text(file) ?? ''), file, own.map(({ member }) => member.stage), analyze(base?.after ?? ''), base?.path ?? '');
      for (const { index } of was.stages) compare(was, index, back, () => index, file);
    }
  }
  return found;
}

function baseOf(analysis: Analysis, target: string | undefined): number | undefined {
  const base = analysis.stages[stageNamed(analysis, target) ?? -1]?.base;
  return base?.kind === 'stage' ? base.stage : undefined;
}

interface Built {
  readonly analysis: Analysis;
  readonly context: string;
  readonly registry: Registry;
  /** Images that are built here, by the word that names them. */
  readonly made: ReadonlyMap<string, Meaning>;
}

function analysed(project: Project, file: string, definition: BuildDefinition, command: string | undefined, registry: Registry): Built {
  const text = project.text(file) ?? '';
  const facts = factsOf({ ...definition, target: undefined }, {});
  const made = new Map<string, Meaning>();
  for (const [word, source] of Object.entries(definition.contexts)) {
    if (source.kind !== 'build') continue;
    const other = project.definitions.find((one) => one.file === definition.file && one.name === source.name);
    if (other?.dockerfile === undefined || other.dockerfile === null) continue;
    const built = analysed(project, other.dockerfile, other, command, registry);
    made.set(word.toLowerCase(), meaningOf(built, stageNamed(built.analysis, other.target ?? undefined) ?? -1));
  }
  const tagged = command === undefined ? undefined : /^docker build -t (\S+)(.*) -f (\S+) (\S+)$/.exec(command);
  if (tagged && file !== tagged[3]) {
    const args = Object.fromEntries([...tagged[2].matchAll(/ --build-arg (?:'([^']*)'|(\S+))/g)].map(([, quoted, plain]) => (quoted ?? plain).split(/=(.*)/s).slice(0, 2)));
    const [folder] = buildsIn(project, tagged[3]);
    const built = analysed(project, tagged[3], { ...folder, args, contexts: {}, context: { kind: 'folder', path: tagged[4] } }, undefined, registry);
    made.set(tagged[1], meaningOf(built, built.analysis.stages.length - 1));
  }
  const plain = analyze(text, facts);
  const images: Record<string, BaseImage> = {};
  const contexts: Record<string, NamedContext> = { ...facts.contexts };
  for (const { base } of plain.stages) {
    if (base.kind === 'image' && base.reference !== null) images[base.reference] = imageOf(made.get(base.reference) ?? fresh(base.reference, registry));
    if (base.kind === 'context') contexts[base.name] = { folder: false, image: imageOf(made.get(base.name) ?? fresh(base.name, registry)) };
  }
  const all: Facts = { ...facts, images, ...(Object.keys(contexts).length > 0 && { contexts }) };
  const ignored = project.text(`${file}.dockerignore`);
  const folder = definition.context.kind === 'folder' ? definition.context.path : definition.context.kind;
  return { analysis: analyze(text, all), made, registry, context: `${folder}${ignored === undefined ? '' : ` without ${ignored}`}` };
}

function stageNamed({ stages }: Analysis, target: string | undefined): number | undefined {
  if (target === undefined) return stages.length - 1;
  const byName = stages.findLast(({ name }) => name === target.toLowerCase())?.index;
  return byName ?? (/^\d+$/.test(target) ? Number(target) : undefined);
}

function fresh(reference: string, { env, cmd, entrypoint, user, workdir }: Registry): Meaning {
  return { layers: [`image ${reference}`], config: { ...nothing, env, cmd, entrypoint, user, workdir } };
}

function imageOf({ config: { env, user, workdir, shell, cmd, entrypoint } }: Meaning): BaseImage {
  return { os: 'linux', config: { Env: env, User: user ?? '', WorkingDir: workdir ?? '', Shell: shell, Cmd: cmd === null ? null : [cmd], Entrypoint: entrypoint === null ? null : [entrypoint] }, history: [{ createdBy: '', emptyLayer: false }] };
}

export function meaningOf(built: Built, index: number): Meaning {
  const { analysis, made, registry } = built;
  const stage = analysis.stages[index];
  const { base } = stage;
  const below: Meaning = base.kind === 'stage' ? meaningOf(built, base.stage)
    : base.kind === 'image' ? made.get(base.reference ?? '') ?? fresh(base.reference ?? '?', registry)
    : base.kind === 'context' ? made.get(base.name) ?? fresh(base.name, registry)
    : { layers: ['scratch'], config: { ...nothing, env: [], cmd: null, entrypoint: null, user: '', workdir: '/' } };
  const layers = [...below.layers];
  for (const step of stage.steps) if (['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(step.command.kind)) layers.push(layerOf(built, step));
  return { layers, config: configOf(stage, below.config) };
}

function layerOf(built: Built, { command, expanded, before, after, instruction, stage }: Step): string {
  const named = (word: string): unknown => {
    const index = /^\d+$/.test(word) ? Number(word) : built.analysis.stages.slice(0, stage).findLast(({ name }) => name === word.toLowerCase())?.index;
    return index === undefined ? built.made.get(word) ?? word : meaningOf(built, index);
  };
  const where = [before.workdir, before.user];
  switch (command.kind) {
    case 'RUN': {
      const mounts = command.mounts.map(({ text }) => {
        const from = mountFrom(text);
        return [from === '' ? text : text.replace(from, ''), from !== '' ? named(from) : /type=(?:cache|secret|ssh|tmpfs)/.test(text) ? '' : built.context];
      });
      const environment = inOrder(before.env).map(({ name, value }) => `${name}=${value ?? '?'}`).toSorted();
      return JSON.stringify(['RUN', command.command.prependShell ? before.shell : 'exec', expanded, mounts, command.network, command.security, where, environment]);
    }
    case 'COPY': case 'ADD': {
      const { from, link, parents, exclude, checksum, keepGitDir, unpack } = command.flags;
      return JSON.stringify([command.kind, expanded, command.files, from === undefined ? (takesFolder(expanded.kind === 'copy' ? expanded.sources : []) ? built.context : '') : named(from.text), [link, parents, exclude.map(({ text }) => text), checksum?.text, keepGitDir, unpack], where]);
    }
    default: return JSON.stringify([instruction.keyword, after.workdir, where]);
  }
}

function takesFolder(sources: readonly (string | null)[]): boolean {
  return sources.some((source) => source === null || !/^https?:/.test(source));
}

function configOf({ steps, after }: Stage, below: Config): Config {
  const labels = { ...below.labels };
  const exposed = new Set(below.exposed);
  const volumes = new Set(below.volumes);
  const onbuild: string[] = [];
  const others = { ...below.others };
  let { entrypoint, cmd } = below;
  let isOwnCmd = false;
  for (const { command, expanded, before, instruction } of steps) {
    switch (command.kind) {
      case 'LABEL': if (expanded.kind === 'pairs') for (const { name, value } of expanded.pairs) labels[name ?? '?'] = value ?? '?'; break;
      case 'EXPOSE': if (expanded.kind === 'list') for (const value of expanded.values) exposed.add(value ?? '?'); break;
      case 'VOLUME': if (expanded.kind === 'list') for (const value of expanded.values) volumes.add(value ?? '?'); break;
      case 'ONBUILD': onbuild.push(command.expression); break;
      case 'HEALTHCHECK': others[command.kind] = instruction.line.replace(/^\S+\s+/, ''); break;
      case 'STOPSIGNAL': case 'MAINTAINER': others[command.kind] = expanded.kind === 'text' ? expanded.text ?? '?' : '?'; break;
      case 'CMD': case 'ENTRYPOINT': {
        const value = JSON.stringify([command.command.prependShell ? before.shell ?? [] : 'exec', command.command.args]);
        if (command.kind === 'CMD') {
          cmd = value;
          isOwnCmd = true;
        } else {
          entrypoint = value;
          if (!isOwnCmd) cmd = null;
        }
        break;
      }
      default:
    }
  }
  return {
    labels: Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))), exposed: [...exposed].toSorted(), volumes: [...volumes].toSorted(), onbuild, entrypoint, cmd,
    others: Object.fromEntries(Object.entries(others).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    // The order of an image's environment is part of its config.
    env: inOrder(after.configEnv).map(({ name, value }) => `${name}=${value ?? '?'}`), user: after.user, workdir: after.workdir, shell: after.shell ?? [],
  };
}
