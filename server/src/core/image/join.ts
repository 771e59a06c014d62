/** An image ↔ the Dockerfile that it was built from: each row with the line that wrote it, whose it is, and how sure that is. */
import { createdBy } from '../build/created-by';
import { rulesOf } from '../builder';
import { baseOf, chainOf, stepsOf } from '../build/history';
import type { Analysis, Step } from '../build/model';
import { counted, joined, say, type Said } from '../say';
import { matchHistory, type RowMatch } from './match';
import type { Image, ImageRow } from './model';

export interface JoinedRow {
  readonly row: ImageRow;
  /** `line`: a step of this file wrote it. `base`: it is below all of these. `unknown`: it stands among them, and no line of today is like it. */
  readonly owner: 'line' | 'base' | 'unknown';
  readonly step: Step | undefined;
  /** As RowMatch has it; undefined where no step is joined. */
  readonly certainty: RowMatch['certainty'] | undefined;
}

export interface Joined {
  /** Oldest first. */
  readonly rows: readonly JoinedRow[];
  /** Steps that write a row and that the image has none of: added since, or the image is of another target. */
  readonly missing: readonly Step[];
  /** Steps of this file and rows of this image agree all through: each step has its row, with a text of its own. */
  readonly current: boolean;
  /** A layer holds what several lines wrote, as Buildah makes one for all of a stage: no row's size is that of its line. */
  readonly squashed: boolean;
  /** One sentence for people, where rows are joined that a join cannot be sure of. */
  readonly doubt: Said | undefined;
}

const joins = new WeakMap<Analysis, WeakMap<Image, Joined>>();

/** `stage`: the target that the image was built of. Once for an analysis and an image, where it is the analysis' own. */
export function joinImage(analysis: Analysis, stage: number, image: Image): Joined {
  if (stage !== analysis.target) return join(analysis, stage, image);
  let own = joins.get(analysis);
  if (!own) joins.set(analysis, (own = new WeakMap()));
  let joined = own.get(image);
  if (!joined) own.set(image, (joined = join(analysis, stage, image)));
  return joined;
}

function join(analysis: Analysis, stage: number, image: Image): Joined {
  const steps = stepsOf(analysis, stage);
  const history = image.rows.map(({ createdBy: text, emptyLayer }, at) => ({ createdBy: text, emptyLayer: emptyLayer ?? guessed(image.rows[at]) }));
  const base = baseOf(analysis, stage);
  const known = base.kind === 'scratch' ? [] : base.kind === 'stage' ? undefined : base.image?.history;
  // Where the base is known, its rows are none of ours.
  const below = known && known.length <= history.length && known.every((row, i) => row.createdBy === history[i].createdBy) ? known.length : 0;
  // Other builders than BuildKit write a row for ONBUILD, too.
  const writing = chainOf(analysis, stage).flatMap((index) => analysis.stages[index].steps.filter(({ row, command }) => row !== 'none' || command.kind === 'ONBUILD'));
  const found = matchHistory(history.slice(below), writing);
  // Kind and place alone make no image one of this file.
  const matches = new Map((found.some(({ certainty }) => certainty !== 'other-text') ? found : []).map((match) => [match.row + below, match]));
  const first = Math.min(...matches.keys());
  const rows = image.rows.map((row, at): JoinedRow => {
    const match = matches.get(at);
    const owner = match ? 'line' : at < below || at < first || matches.size === 0 || isFolder(row) ? 'base' : 'unknown';
    return { row, owner, step: match?.step, certainty: match?.certainty };
  });
  const joinedSteps = new Set([...matches.values()].map(({ step }) => step));
  const missing = steps.filter((step) => !joinedSteps.has(step));
  const current = missing.length === 0 && rows.every(({ owner, certainty }) => owner === 'base' || certainty === 'same' || certainty === 'loose');
  const squashed = isSquashed(rows);
  const doubts = [squashed ? say('The image was squashed: one layer holds what many lines wrote.') : undefined, doubtOf(analysis, rows, steps, matches.size, below)];
  return { rows, missing, current, squashed, doubt: doubts.every((doubt) => doubt === undefined) ? undefined : joined(doubts, ' ') };
}

/**
 * A layer of a line that makes none (Buildah), or one below which lines that write files have none: of no line (the classic builder's
 * --squash), or of one that says what it was built from (Buildah, too). Kaniko makes none for a RUN that changes nothing.
 */
function isSquashed(rows: readonly JoinedRow[]): boolean {
  let isLost = false;
  for (const { row, owner, step } of rows) {
    if (owner === 'base') continue;
    const isFolder = step?.command.kind === 'WORKDIR';
    if (row.emptyLayer === true) isLost ||= step?.row === 'layer' && !isFolder;
    else if (row.emptyLayer === false) {
      if (step ? (step.row !== 'layer' && !isFolder) || (isLost && row.comment.startsWith('FROM ')) : isLost) return true;
      isLost = false;
    }
  }
  return false;
}

/** A folder in the place of a base image: BuildKit writes a row for it behind all others. */
function isFolder({ createdBy: text }: ImageRow): boolean {
  return text.startsWith('local source for ');
}

/** A size, or the instruction, tells. */
function guessed({ size, createdBy: text }: ImageRow): boolean {
  return (size ?? 0) === 0 && !/^(?:RUN|COPY|ADD)\b/.test(text);
}

function doubtOf(analysis: Analysis, rows: readonly JoinedRow[], steps: readonly Step[], matched: number, below: number): Said | undefined {
  if (steps.length === 0) return undefined;
  if (matched === 0) return rows.length - below <= 1 ? say('The image has one row only, as one that was flattened, squashed or imported: no line can be told apart.') : say('No row of the image is like a line of this file: it was built from another one.');
  const rules = rulesOf(analysis.builder);
  const texts = steps.map((step) => createdBy(step, rules));
  // The same line twice, and a row of it missing: either could be the one.
  const isDouble = (step: Step | undefined): boolean => step !== undefined && texts.filter((text) => text !== null && text === texts[steps.indexOf(step)]).length > 1;
  const loose = rows.filter(({ certainty, step }) => certainty === 'other-text' || (matched < steps.length && isDouble(step))).length;
  return loose === 0 ? undefined : counted(loose, 'One row is joined by kind and place: the line has another text now.', '{0} rows are joined by kind and place: the line has another text now.');
}
