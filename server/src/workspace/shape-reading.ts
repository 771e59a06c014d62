/** A Dockerfile on the disk → what the families see of it, as the text that is kept. */
import { analyze } from '../core/analyze';
import { sumOf, textOf } from '../core/build/sum';
import { shapeOfAnalysis } from '../core/family/shape';
import type { Shape, StepShape } from '../core/family/model';
import { sourcesOfCommands } from './builds/facts';
import type { Disk } from './disk';

/** What is kept of a text: its shape without build arguments, and what it copies of a context. */
export interface Stored {
  readonly shape: Shape;
  readonly sources: readonly string[];
}

/** When a file was read: equal, and it is taken as it was. */
export interface Stamp {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A file that was read: a name for its text, and what is kept of that. */
export interface Reading extends Stamp {
  readonly content: string;
  readonly stored: Stored;
}

/** A Dockerfile that is larger, in bytes, is none of a family. */
export const largest = 4 << 20;

/** `known`: what is kept of a text with this name. Undefined: no file that can be read. */
export function readShape(disk: Disk, place: string, known: (content: string) => Stored | undefined): Reading | undefined {
  try {
    const file = disk.plainText(place, largest);
    if (!file) return undefined;
    const content = contentName(file.content);
    return { size: file.status.size, time: file.status.mtimeMs, content, stored: known(content) ?? storedOf(file.content) };
  } catch {
    return undefined;
  }
}

/** Undefined: there is nothing. */
export function stampOf(disk: Disk, place: string): Stamp | undefined {
  try {
    const status = disk.status(place);
    return status && { size: status.size, time: status.mtimeMs };
  } catch {
    return undefined;
  }
}

export function storedOf(text: string): Stored {
  const analysis = analyze(text);
  return { shape: shapeOfAnalysis(analysis), sources: sourcesOfCommands(analysis.commands) };
}

/** 128 bits: who made two texts with one name would fool his own editor. */
function contentName(text: string): string {
  return textOf(sumOf(text));
}

type Kept = readonly [sources: readonly string[], ...stages: (readonly [name: string | null, line: number, base: string | null, ...steps: KeptStep[]])[]];
type KeptStep = readonly [key: string, near: string | 0, kind: number, reads: number, habit: 0 | 1, first: number, last: number];

const kinds: readonly StepShape['kind'][] = ['run', 'copy', 'state', 'metadata', 'other'];
const reads: readonly StepShape['reads'][] = ['nothing', 'context', 'stage', 'unknown'];

/** A text on one line. */
export function lineOf({ shape, sources }: Stored): string {
  return JSON.stringify([sources, ...shape.stages.map(({ name, line, base, steps }) => [
    name, line, base, ...steps.map((step): KeptStep => [step.key, step.near === step.key ? 0 : step.near, kinds.indexOf(step.kind), reads.indexOf(step.reads), step.habit ? 1 : 0, step.firstLine, step.lastLine]),
  ])]);
}

/** Undefined: somebody else has written it. */
export function storedIn(line: string): Stored | undefined {
  try {
    const [sources, ...stages] = JSON.parse(line) as Kept;
    return {
      sources,
      shape: {
        stages: stages.map(([name, line, base, ...steps]) => ({
          name, line, base,
          steps: steps.map(([key, near, kind, read, habit, firstLine, lastLine]) => ({ key, near: near === 0 ? key : near, kind: kinds[kind], reads: reads[read], habit: habit === 1, firstLine, lastLine })),
        })),
      },
    };
  } catch {
    return undefined;
  }
}
