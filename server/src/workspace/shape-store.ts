/** Shapes of Dockerfiles that were read before, on disk, by their content: what nobody has changed is not read again. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sumOf, textOf } from '../core/build/sum';
import type { Shape, StepShape } from '../core/family/model';
import type { Work } from './slices';

/** What is kept of a text: its shape without build arguments, and what it copies of a context. */
export interface Stored {
  readonly shape: Shape;
  readonly sources: readonly string[];
}

/** When a file was read: equal, and it is taken as it was. */
export interface Stamp {
  readonly size: number;
  readonly time: number;
}

export interface ShapeStore {
  readonly byContent: (content: string) => Stored | undefined;
  /** Whether anything is known of a file. */
  readonly has: (path: string) => boolean;
  /** Of a file that is as it was. */
  readonly contentOf: (path: string, stamp: Stamp) => string | undefined;
  readonly keep: (path: string, stamp: Stamp, content: string, stored: Stored) => void;
  /** Only what was asked for since it was opened. Does nothing where nothing is new. */
  readonly save: () => Work<void>;
}

/** Another reading of the same text makes another version. */
const version = 2;

interface Saved {
  readonly version: number;
  readonly files: Readonly<Record<string, readonly [size: number, time: number, content: string]>>;
  readonly shapes: Readonly<Record<string, SavedShape>>;
}

type SavedShape = readonly [sources: readonly string[], ...stages: (readonly [name: string | null, line: number, base: string | null, ...steps: SavedStep[]])[]];
type SavedStep = readonly [key: string, near: string, kind: number, reads: number, habit: 0 | 1, first: number, last: number];

const kinds: readonly StepShape['kind'][] = ['run', 'copy', 'state', 'metadata', 'other'];
const reads: readonly StepShape['reads'][] = ['nothing', 'context', 'stage', 'unknown'];

/** `file` undefined: nothing is kept beyond this run. A file that cannot be read is none. */
export function openShapeStore(file: string | undefined): ShapeStore {
  const saved = file === undefined ? undefined : load(file);
  const files = new Map<string, { readonly stamp: Stamp; readonly content: string }>();
  const shapes = new Map<string, Stored>();
  let isNew = false;
  return {
    byContent: (content) => {
      const known = shapes.get(content);
      if (known) return known;
      const one = saved && Object.hasOwn(saved.shapes, content) ? opened(saved.shapes[content]) : undefined;
      if (one) shapes.set(content, one);
      return one;
    },
    has: (path) => files.has(path) || (saved !== undefined && Object.hasOwn(saved.files, path)),
    contentOf: (path, { size, time }) => {
      const known = files.get(path) ?? (saved && Object.hasOwn(saved.files, path) ? { stamp: { size: saved.files[path][0], time: saved.files[path][1] }, content: saved.files[path][2] } : undefined);
      if (known?.stamp.size !== size || known.stamp.time !== time) return undefined;
      files.set(path, known);
      return known.content;
    },
    keep: (path, stamp, content, stored) => {
      files.set(path, { stamp, content });
      shapes.set(content, stored);
      isNew = true;
    },
    *save() {
      if (file === undefined || !isNew) return;
      isNew = false;
      const parts: string[] = [`{"version":${version},"files":{`];
      yield* joined(parts, files, (path, { stamp, content }) => `${JSON.stringify(path)}:${JSON.stringify([stamp.size, stamp.time, content])}`);
      parts.push('},"shapes":{');
      yield* joined(parts, shapes, (content, stored) => `${JSON.stringify(content)}:${JSON.stringify(closed(stored))}`);
      parts.push('}}');
      try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(`${file}.${process.pid}`, parts.join(''));
        renameSync(`${file}.${process.pid}`, file);
      } catch {
        // No place to keep it: it is read again.
      }
    },
  };
}

function* joined<Value>(parts: string[], map: ReadonlyMap<string, Value>, textOf: (key: string, value: Value) => string): Work<void> {
  let isFirst = true;
  for (const [key, value] of map) {
    parts.push(isFirst ? '' : ',', textOf(key, value));
    isFirst = false;
    yield;
  }
}

/** 128 bits: who made two texts with one name would fool his own editor. */
export function contentName(text: string): string {
  return textOf(sumOf(text));
}

function load(file: string): Saved | undefined {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Saved>;
    return found.version === version && typeof found.files === 'object' && typeof found.shapes === 'object' ? (found as Saved) : undefined;
  } catch {
    return undefined;
  }
}

function closed({ shape, sources }: Stored): SavedShape {
  return [sources, ...shape.stages.map(({ name, line, base, steps }): SavedShape[number] & readonly unknown[] => [
    name, line, base, ...steps.map((step): SavedStep => [step.key, step.near, kinds.indexOf(step.kind), reads.indexOf(step.reads), step.habit ? 1 : 0, step.firstLine, step.lastLine]),
  ])] as unknown as SavedShape;
}

/** Undefined: somebody else has written it. */
function opened(saved: SavedShape): Stored | undefined {
  try {
    const [sources, ...stages] = saved;
    return {
      sources,
      shape: {
        stages: stages.map(([name, line, base, ...steps]) => ({
          name, line, base, steps: steps.map(([key, near, kind, read, habit, firstLine, lastLine]) => ({ key, near, kind: kinds[kind], reads: reads[read], habit: habit === 1, firstLine, lastLine })),
        })),
      },
    };
  } catch {
    return undefined;
  }
}
