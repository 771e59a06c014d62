/**
 * The cache of BuildKit's head replayed: the recorded builds of each experiment in their order, each against all before it,
 * and the verdict of every step (server/test/data/engine.json).
 */
import { describe, expect, test } from 'vitest';
import recorded from './data/engine.json';
import { analyze } from '../src/core/analyze';
import { emptyCache, verdictsOf, type Build } from '../src/core/build/cache';
import { contextOf, type Context, type ContextEntry } from '../src/core/build/context';
import { patternsOf, readIgnoreFile } from '../src/core/build/ignore';
import type { BaseImage, Facts, NamedContext } from '../src/core/build/model';

type Written = string | { symlink?: string; dir?: boolean; mode?: string; tar?: unknown; gz?: boolean };
interface Change { op: string; path: string; content?: string; mode?: string; symlink?: string; dir?: boolean; to?: string; tar?: unknown }
interface RecordedBuild {
  label: string;
  effective_dockerfile: string;
  dockerfile_name?: string;
  build_args?: Record<string, string>;
  target?: string;
  platform?: string;
  contexts?: Record<string, string>;
  publish?: string;
  change?: Change[];
  new_base?: string;
  no_cache?: boolean;
  opts?: string[];
  results: Record<string, { rc: number; config?: Record<string, unknown>; rootfs?: string[]; history: [string, boolean][]; steps: [string, number, number, string, string][] } | undefined>;
}
interface Experiment { id: string; files?: Record<string, Written>; extra_contexts?: Record<string, Record<string, Written>>; steps: RecordedBuild[] }

/** What two folders alone cannot tell: the record's own notes say so. */
const notFromFolders: Record<string, string> = {
  C02: 'the mode of a folder that was sent before is not looked at again',
  C29: 'a file of the same size and time is not sent again',
  L08c: 'its steps stand on scratch, where another experiment of the run had made them',
  L08d: 'the same',
};

const counted = { verdicts: 0, equal: 0, open: 0, leftOut: 0 };

describe('every step hits or misses as it did', () => {
  for (const experiment of (recorded as unknown as { experiments: Experiment[] }).experiments) {
    const cache = emptyCache();
    const files = new Map<string, ContextEntry>(Object.entries(experiment.files ?? {}).map(([path, written]) => [path, entryOf(written)]));
    const images: Record<string, NamedContext> = {};
    let base = 'busybox:lab';
    for (const build of experiment.steps) {
      const result = build.results['buildkit-head-73ed6825'];
      if (build.new_base !== undefined) base = `busybox:lab ${build.new_base}`;
      for (const change of build.change ?? []) apply(files, change);
      if (!result || result.rc !== 0) continue;
      const dockerfile = build.dockerfile_name ?? 'Dockerfile';
      const busybox: BaseImage = { identity: base, config: {}, history: [{ createdBy: '', emptyLayer: false }] };
      const facts: Facts = {
        buildArgs: build.build_args, target: build.target, platform: { build: 'linux/amd64', target: build.platform ?? 'linux/amd64', assumed: false },
        contexts: { 'busybox:lab': { image: busybox }, ...images, ...Object.fromEntries(Object.keys(build.contexts ?? {}).map((name) => [name, { folder: true }])) },
      };
      const all = new Map(files).set(dockerfile, { type: 'file', mode: 0o644, content: build.effective_dockerfile });
      const run: Build = {
        analysis: analyze(build.effective_dockerfile, facts), facts, context: contextWith(all, dockerfile), noCache: build.no_cache,
        runOptions: (build.opts ?? []).filter((option) => !option.startsWith('sharedkey')).map((option) => option.replace(/^(add-hosts=\w+)=.*/, '$1')).filter((option) => !option.startsWith('force-network-mode')).join(' '),
        network: (build.opts ?? []).find((option) => option.startsWith('force-network-mode='))?.split('=')[1],
        folders: Object.fromEntries(Object.entries(build.contexts ?? {}).map(([name, given]) => [name, folderOf(experiment, given.replace(/^local:/, ''))])),
      };
      const verdicts = verdictsOf(cache, run).filter(({ verdict, step }) => verdict !== 'not-built' && step.row === 'layer');
      const theirs = verdictsIn(result.steps);
      test(`${experiment.id} ${build.label}`, () => {
        if (experiment.id in notFromFolders) {
          counted.leftOut += theirs.size;
          return;
        }
        const ours = new Map(verdicts.map(({ step, verdict }) => [step.number, verdict]));
        counted.verdicts += theirs.size;
        const differences = [...theirs].filter(([number, verdict]) => {
          const own = ours.get(number);
          if (own === 'if-output-differs') counted.open++;
          else if (own === verdict) counted.equal++;
          return own !== 'if-output-differs' && own !== verdict;
        });
        expect(differences.map(([number, verdict]) => `${number} was ${verdict}, predicted ${ours.get(number)}: ${JSON.stringify(verdicts.find(({ step }) => step.number === number)?.reason)}`)).toEqual([]);
      });
      if (build.publish !== undefined) {
        images[build.publish] = { image: { identity: sameLayersAsBase(result.rootfs) ? base : (result.rootfs ?? []).join(' '), config: result.config ?? {}, history: result.history.map(([createdBy, emptyLayer]) => ({ createdBy, emptyLayer })) } };
      }
    }
  }

  test('and few are left open', () => {
    expect(counted).toMatchInlineSnapshot(`
      {
        "equal": 500,
        "leftOut": 29,
        "open": 18,
        "verdicts": 518,
      }
    `);
  });
});

/** Two images of equal layers are one base to the cache. */
function sameLayersAsBase(rootfs: readonly string[] | undefined): boolean {
  return rootfs?.length === 1;
}

/** One verdict for a number: ADD of an address prints its number for the download, too. */
function verdictsIn(steps: readonly [string, number, number, string, string][]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [stage, index, total, , status] of steps) {
    const number = `[${stage === '' ? '' : `${stage} `}${String(index).padStart(String(total).length)}/${total}]`;
    if (found.get(number) !== 'cached') found.set(number, status === 'CACHED' ? 'cached' : 'rebuilt');
  }
  return found;
}

function contextWith(files: ReadonlyMap<string, ContextEntry>, dockerfile: string): Context {
  const own = files.get(`${dockerfile}.dockerignore`) ?? files.get('.dockerignore');
  if (own?.type !== 'file') return contextOf(files);
  const patterns = patternsOf(readIgnoreFile(own.content));
  return 'error' in patterns ? contextOf(files) : contextOf(files, patterns);
}

function folderOf(experiment: Experiment, name: string): Context {
  return contextOf(Object.entries(experiment.extra_contexts?.[name] ?? {}).map(([path, written]) => [path, entryOf(written)]));
}

function entryOf(written: Written): ContextEntry {
  if (typeof written === 'string') return { type: 'file', mode: 0o644, content: written };
  if (written.symlink !== undefined) return { type: 'link', target: written.symlink };
  if (written.dir) return { type: 'folder', mode: Number.parseInt(written.mode ?? '755', 8) };
  return { type: 'file', mode: 0o644, content: JSON.stringify(written) };
}

function apply(files: Map<string, ContextEntry>, change: Change): void {
  const old = files.get(change.path);
  switch (change.op) {
    case 'write': {
      const entry = entryOf(change.content ?? { symlink: change.symlink, dir: change.dir, tar: change.tar });
      files.set(change.path, entry.type === 'file' && change.mode ? { ...entry, mode: Number.parseInt(change.mode, 8) } : entry);
      break;
    }
    case 'chmod':
      if (old?.type === 'file') files.set(change.path, { ...old, mode: Number.parseInt(change.mode ?? '644', 8) });
      else files.set(change.path, { type: 'folder', mode: Number.parseInt(change.mode ?? '755', 8) });
      break;
    case 'rename':
      files.delete(change.path);
      if (old && change.to) files.set(change.to, old);
      break;
    case 'rm': case 'delete':
      files.delete(change.path);
      break;
    default:
  }
}
