/**
 * `workspace/executeCommand`: what VS Code's extension does by commands of its own, for every other editor. A command says in one sentence what
 * came of it (`window/showMessage`), and has its whole text, where it has one, as its result. What cannot be done has null.
 */
import {
  CancellationTokenSource, MessageType, ShowMessageNotification,
  type CancellationToken, type CodeAction, type Connection, type ExecuteCommandOptions, type InitializeParams,
} from 'vscode-languageserver';
import { buildFor } from './build';
import { counted, joined, say, verbatim, type Said } from './core/say';
import { layoutOf } from './core/map/layout';
import { svgOf } from './core/map/svg';
import { extractionEdit, inliningEdit, waysOf, type ActionData } from './features/extraction';
import { familiesOf } from './features/families';
import { whatIfCommand } from './features/lenses';
import { marksOf } from './features/marks';
import { tableOf } from './features/table';
import { lookFor } from './look';
import { openMaps } from './map';
import { builtText, buildText, foreseenText, foundText, lookedText, noSiblings, noWay, nothingForeseen, siblingsChanged, stepPlace, stepsText, stillReading } from './outcomes';
import type { ExtractAnswer, ExtractParams, MapParams, WaysParams, WhatIfAnswer, WhatIfChange } from './protocol';
import { whatIfIn } from './reach';
import { askRegistryFor } from './registry';
import { nameOf } from './served';
import type { Reading, Session } from './session';
import { ways } from './workspace/extract';
import type { Project } from './workspace/project';
import { pictureFile } from './workspace/picture-file';

const extractCommand = 'strata.extractBase';

/** Arguments as they are written, by command: the names are those of VS Code's. */
const usages: Readonly<Record<string, string>> = {
  [whatIfCommand]: '["app/Dockerfile", {"kind": "line", "line": 3}]',
  'strata.takeAsBuilt': '["app/Dockerfile"]',
  'strata.showLayers': '["app/Dockerfile", "build"]',
  'strata.showMap': '["app/Dockerfile"]',
  'strata.build': '["app/Dockerfile"]',
  'strata.look': '["app/Dockerfile"]',
  'strata.askRegistry': '["app/Dockerfile"]',
  [extractCommand]: '["app/Dockerfile", {"way": "bake"}]',
  'strata.inlineBase': '["app/Dockerfile"]',
};

/** What is said in place of an outcome. */
class Refusal extends Error {
  constructor(readonly said: Said) {
    super(said);
  }
}

interface Outcome {
  readonly said: Said;
  /** The sentence itself where left out. */
  readonly text?: string;
  /** Something of it could not be done. */
  readonly isPartial?: boolean;
}

interface Asked {
  readonly command: string;
  readonly args: readonly unknown[];
  readonly token: CancellationToken;
}

/** Undefined for a client that has commands of its own: one that registers ours, too, would have each twice. */
export function offerCommands(session: Session, connection: Connection, { initializationOptions }: Pick<InitializeParams, 'initializationOptions'>): ExecuteCommandOptions | undefined {
  if ((initializationOptions as { readonly commands?: unknown } | null | undefined)?.commands === true) return undefined;
  const mapFor = openMaps(session);
  const commands: Readonly<Record<string, (asked: Asked) => Promise<Outcome>>> = {
    [whatIfCommand]: whatIf, 'strata.takeAsBuilt': takeAsBuilt, 'strata.showLayers': showLayers, 'strata.showMap': showMap, 'strata.build': build, 'strata.look': look,
    'strata.askRegistry': askRegistry, [extractCommand]: extract, 'strata.inlineBase': inline,
  };
  connection.onExecuteCommand(async ({ command, arguments: args }, token) => {
    const outcome = await outcomeOf({ command, args: Array.isArray(args) ? args : [], token });
    if (!outcome) return null;
    show(outcome.isPartial ? MessageType.Warning : MessageType.Info, outcome.said);
    return outcome.text ?? outcome.said;
  });
  return { commands: Object.keys(commands) };

  /** Undefined: it has been said why there is none. */
  async function outcomeOf(asked: Asked): Promise<Outcome | undefined> {
    try {
      if (!Object.hasOwn(commands, asked.command)) throw new Refusal(say('There is no command {0}.', asked.command));
      return await commands[asked.command](asked);
    } catch (error) {
      if (!(error instanceof Refusal)) session.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const said = error instanceof Refusal ? error.said : say('{0} has failed: the log of the server says why.', asked.command);
      show(MessageType.Warning, asked.token.isCancellationRequested ? say('Cancelled.') : said);
      return undefined;
    }
  }

  /** A message may be read for links, and much of one is said by strangers. */
  function show(type: MessageType, message: Said): void {
    connection.sendNotification(ShowMessageNotification.type, { type, message: verbatim(message.replaceAll('](', '] (')) }).catch(() => undefined);
  }

  async function whatIf(asked: Asked): Promise<Outcome> {
    const [named, sent] = asked.args;
    const change = changeIn(sent);
    if (!change || (named === null && change.kind === 'line')) throw misused(asked);
    const document = named === null ? undefined : { uri: addressOf(asked) };
    if (document && !(await session.read(document.uri, asked.token))) throw notOpen(document.uri);
    const answer = await whatIfIn(session, { textDocument: document, change }, asked.token);
    if (!answer && asked.token.isCancellationRequested) throw new Refusal(say('Cancelled.'));
    return answer ? { said: foreseenText(answer), text: linesOf(answer) } : { said: nothingForeseen() };
  }

  function linesOf(answer: WhatIfAnswer): string {
    const builds = answer.builds.map((one) => [
      buildText(one, pathOf(one.uri)),
      ...one.steps.flatMap((step) => [
        `  ${joined([stepPlace(step), verbatim(step.instruction), step.sure ? undefined : say('may run again')], ' · ')}`, ...(step.reason === '' ? [] : [`    ${step.reason}`]),
      ]),
    ].join('\n'));
    return `${[foreseenText(answer), ...builds].join('\n\n')}\n`;
  }

  async function takeAsBuilt(asked: Asked): Promise<Outcome> {
    const reading = await readingOf(asked);
    session.takeAsBuilt(reading);
    return { said: say('{0} counts as built as it is now: later changes are compared with that.', pathOf(reading.document.uri)) };
  }

  /** Of the stage with that name or number, the target where it is left out. */
  async function showLayers(asked: Asked): Promise<Outcome> {
    const wanted = asked.args[1] ?? undefined;
    if (wanted !== undefined && typeof wanted !== 'string' && !Number.isInteger(wanted)) throw misused(asked);
    const reading = await readingOf(asked, session.readOrLoad);
    const { stages } = marksOf(reading);
    const named = (name: string): number => reading.analysis.stages.findLastIndex((stage) => stage.name?.toLowerCase() === name.toLowerCase());
    const index = wanted === undefined ? reading.analysis.target : typeof wanted === 'string' ? named(wanted) : (wanted as number);
    const text = tableOf(reading, index);
    const path = pathOf(reading.document.uri);
    if (index === undefined || text === null) throw new Refusal(wanted === undefined ? say('{0} has no stage yet.', path) : say('{0} has no stage {1}.', path, wanted as string | number));
    const { name, layers, metadata, base } = stages[index];
    const counts = say('{0} and {1} from this file', counted(layers, '{0} layer', '{0} layers'), counted(metadata, '{0} metadata row', '{0} metadata rows'));
    return { said: say('{0}: {1}', `${path} (${name})`, joined([counts, say('on {0}', base)], ', ')), text };
  }

  /** Of a Dockerfile, of several side by side, or of a family. */
  async function showMap(asked: Asked): Promise<Outcome> {
    const answer = await mapFor(mapParams(asked), asked.token);
    if (!answer) throw new Refusal(say('Nothing of this can be drawn: no such Dockerfile, or no such family.'));
    const { map } = answer;
    return { said: say('The layer map of {0} is drawn: an SVG, as the result of the command.', map.title), text: pictureFile(svgOf(map, layoutOf(map, 'equal'))) };
  }

  function mapParams(asked: Asked): MapParams {
    const [first, ...others] = asked.args;
    if (isObject(first)) {
      const { family, after } = first;
      if (typeof family !== 'string' || (after !== undefined && !isIndex(after)) || others.length > 0) throw misused(asked, '[{"family": "…", "after": 0}]');
      return { family, after };
    }
    const uris = others.length === 0 ? [addressOf(asked)] : asked.args.map((name) => addressOf({ ...asked, args: [name] }));
    return uris.length === 1 ? { textDocument: { uri: uris[0] } } : { files: uris };
  }

  async function build(asked: Asked): Promise<Outcome> {
    const reading = await readingOf(asked);
    const { uri } = reading.document;
    // What is built is what is on the disk.
    const saved = await session.project?.load(uri);
    if (saved !== undefined && withoutBreaks(saved) !== withoutBreaks(reading.document.getText())) throw new Refusal(say('{0} has changes that are not saved: nothing is built.', pathOf(uri)));
    return cancellable(asked, say('Building {0}', pathOf(uri)), async (token, report) => {
      const answer = await buildFor(session, ({ done, total, name }) => {
        if (total > 0) report(stepsText(done, total, name), (100 * done) / total);
      }, { textDocument: { uri } }, token);
      if (!answer) throw nowhere();
      if ('failed' in answer) throw new Refusal(verbatim(answer.failed));
      return { said: builtText(answer) };
    });
  }

  async function look(asked: Asked): Promise<Outcome> {
    const { uri } = (await readingOf(asked)).document;
    return cancellable(asked, say('Looking into the image of {0}', pathOf(uri)), async (token) => {
      const answer = await lookFor(session, { textDocument: { uri } }, token);
      if (!answer) throw nowhere();
      if ('failed' in answer) throw new Refusal(verbatim(answer.failed));
      return { said: lookedText(answer) };
    });
  }

  async function askRegistry(asked: Asked): Promise<Outcome> {
    const { uri } = (await readingOf(asked)).document;
    return cancellable(asked, say('Asking the registry'), async (token) => {
      const answer = await askRegistryFor(session, { textDocument: { uri } }, token);
      if (!answer) throw nowhere();
      const failed = verbatim(answer.failed.join(' '));
      if (answer.found.length === 0) throw new Refusal(failed);
      return { said: joined([foundText(answer), failed], ' '), isPartial: answer.failed.length > 0 };
    });
  }

  /** Ends with `work`, or says that it was cancelled: by the editor's progress, or because the editor takes its command back. */
  async function cancellable(asked: Asked, title: Said, work: (token: CancellationToken, report: (message: Said, percentage: number) => void) => Promise<Outcome>): Promise<Outcome> {
    const stop = new CancellationTokenSource();
    const progress = await connection.window.createWorkDoneProgress();
    const followed = [asked.token, progress.token].map((token) => token.onCancellationRequested(() => stop.cancel()));
    if (asked.token.isCancellationRequested) stop.cancel();
    progress.begin(title, 0, undefined, true);
    let reached = 0;
    let isOver = false;
    try {
      return await work(stop.token, (message, percentage) => {
        // What comes after the end is of a process that is being stopped. A number does not fall, though steps may be found.
        if (!isOver) progress.report((reached = Math.max(reached, percentage)), message);
      });
    } catch (error) {
      throw stop.token.isCancellationRequested ? new Refusal(say('Cancelled.')) : error;
    } finally {
      isOver = true;
      followed.forEach((one) => one.dispose());
      progress.done();
    }
  }

  async function extract(asked: Asked): Promise<Outcome> {
    const { project } = session;
    if (!project) throw nowhere();
    // Which others there are is read by and by.
    project.allSiblings();
    await project.settled();
    const chosen = await chosenCandidate(project, asked);
    const possible = await waysOf(project, chosen);
    if (!possible) throw new Refusal(siblingsChanged());
    const way = chosen.way ?? possible.ways.at(0)?.way;
    if (!way) throw new Refusal(noWay(possible.refused));
    const title = possible.ways.find((one) => one.way === way)?.title;
    return applied(verbatim(title ?? ''), await extractionEdit(project, { ...chosen, way }, session.editor));
  }

  /** One that is named by its family, or one of those that the Dockerfile has a part in: the first where none is named. */
  async function chosenCandidate(project: Project, asked: Asked): Promise<WaysParams & { readonly way?: ExtractParams['way'] }> {
    const { family, candidate = 0, way, ...others } = isObject(asked.args[1]) ? asked.args[1] : {};
    const isWay = (one: unknown): one is ExtractParams['way'] | undefined => one === undefined || ways.some((known) => known === one);
    const isRight = (asked.args[1] === undefined || isObject(asked.args[1])) && Object.keys(others).length === 0 && isIndex(candidate) && isWay(way) && (family === undefined || typeof family === 'string');
    if (!isRight) throw misused(asked);
    if (family !== undefined) return { family, candidate, way };
    const uri = addressOf(asked);
    const { families, complete } = await familiesOf(project);
    const own = families.flatMap(({ id, members, candidates }) => candidates.flatMap((one, at) => (one.members.some((member) => members[member].uri === uri) ? [{ family: id, candidate: at }] : [])));
    const found = own.at(candidate);
    if (!found) throw new Refusal(complete ? noSiblings() : stillReading());
    return { ...found, way };
  }

  async function inline(asked: Asked): Promise<Outcome> {
    const { project } = session;
    if (!project) throw nowhere();
    const uri = addressOf(asked);
    return applied(say('Inline base image: {0}', pathOf(uri)), await inliningEdit(project, { textDocument: { uri } }, session.editor));
  }

  async function applied(title: Said, answer: ExtractAnswer | null): Promise<Outcome> {
    if (!answer) throw new Refusal(siblingsChanged());
    if ('refused' in answer) throw new Refusal(verbatim(answer.refused));
    if (!session.editor.capabilities.workspace?.applyEdit) throw new Refusal(say('This editor takes no edits from a server: strata on the command line can make them.'));
    const { applied: isApplied, failureReason = '' } = await connection.workspace.applyEdit({ label: title, edit: answer.edit });
    if (!isApplied) throw new Refusal(failureReason === '' ? say('The editor has not made the edit.') : say('The editor has not made the edit: {0}', failureReason));
    const parts = [say('Done: {0}.', title), ...[...answer.stays, ...answer.next].map(verbatim)];
    return { said: joined(parts, ' '), text: `${parts.join('\n')}\n` };
  }

  /** Of the document that is named first. */
  async function readingOf(asked: Asked, read = session.read): Promise<Reading> {
    const uri = addressOf(asked);
    const reading = await read(uri, asked.token);
    if (!reading) throw notOpen(uri);
    return reading;
  }

  /** The first argument: an address, a path or the end of one, or nothing where one Dockerfile is open. */
  function addressOf(asked: Asked): string {
    const [named] = asked.args;
    const open = session.open();
    if (named === undefined || named === null) {
      if (open.length === 1) return open[0];
      throw open.length === 0 ? new Refusal(say('No Dockerfile is open.')) : misused(asked);
    }
    if (typeof named !== 'string' || named === '') throw misused(asked);
    if (open.includes(named)) return named;
    const path = decoded(named);
    const found = open.filter((uri) => decoded(uri) === path || decoded(uri).endsWith(`/${path.replace(/^(?:\.?\/)+/, '')}`));
    if (found.length === 1) return found[0];
    if (found.length > 1) throw new Refusal(say('Several Dockerfiles that are open end with {0}: {1}', named, found.map(pathOf).join(', ')));
    // It may be one that is not open.
    if (/^[a-z][a-z0-9+.-]+:/i.test(named)) return named;
    throw notOpen(named);
  }

  /** From the workspace folder. */
  function pathOf(uri: string): string {
    return session.project?.siblings(uri)?.file ?? nameOf(uri);
  }

  function notOpen(name: string): Refusal {
    return new Refusal(say('{0} is not open here, or is no Dockerfile.', name));
  }
}

/**
 * Code actions whose edit comes later, for a client that does not ask for it: the same by a command.
 */
export function actionsFor(actions: readonly CodeAction[], { capabilities: { textDocument } }: Session['editor'], uri: string): CodeAction[] {
  if (textDocument?.codeAction?.resolveSupport?.properties.includes('edit')) return [...actions];
  return actions.map((action) => {
    const { data, ...plainly } = action;
    if (!data) return action;
    const { title } = action;
    return 'extract' in (data as ActionData) ? { ...plainly, command: { title, command: extractCommand, arguments: [uri, (data as { readonly extract: ExtractParams }).extract] } }
      : { ...plainly, command: { title, command: 'strata.inlineBase', arguments: [uri] } };
  });
}

function misused({ command }: Asked, usage = usages[command]): Refusal {
  return new Refusal(say('{0} takes arguments such as {1}', command, usage));
}

/** In a browser. */
function nowhere(): Refusal {
  return new Refusal(say('Here is no machine that has images.'));
}

function changeIn(sent: unknown): WhatIfChange | undefined {
  if (!isObject(sent)) return undefined;
  const { kind, line, uri, name, reference } = sent;
  if (kind === 'line' && Number.isInteger(line) && (line as number) > 0) return { kind, line: line as number };
  if (kind === 'file' && typeof uri === 'string') return { kind, uri };
  if (kind === 'arg' && typeof name === 'string') return { kind, name };
  return kind === 'base' && typeof reference === 'string' ? { kind, reference } : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address).replaceAll('\\', '/');
  } catch {
    return address;
  }
}

/** An editor may have other line breaks in a text than its file, and no mark at its beginning. */
function withoutBreaks(text: string): string {
  return text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
}
