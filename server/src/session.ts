/**
 * The open documents, what the user has set for each, and one analysis for a version of a document, made when first asked
 * for and shared by all that read it.
 */
import {
  CodeLensRefreshRequest, DidChangeConfigurationNotification, DidChangeWatchedFilesNotification, RAL, TextDocumentSyncKind, TextDocuments,
  type CancellationToken, type ClientCapabilities, type Connection, type InitializeParams, type TextDocumentSyncOptions,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { analyze } from './core/analyze';
import type { Context } from './core/build/context';
import type { Analysis, Facts } from './core/build/model';
import type { ProjectBuild } from './core/build/project';
import type { ImageContents } from './core/image/losses';
import type { Image } from './core/image/model';
import type { Bundle } from './core/say';
import type { Baseline } from './baseline';
import { openProgress } from './progress';
import { changedNotification, familiesChangedNotification } from './protocol';
import { configurationName } from './configuration';
import { speakTo } from './language';
import { isServed, nameOf } from './served';
import { settingsOf, type Settings } from './settings';
import type { StepTime } from './workspace/images/build';
import type { Sharers } from './workspace/images/neighbours';
import type { RegistryImage } from './workspace/images/registry';
import type { Project, ProjectListener, ProjectView, Siblings } from './workspace/project';

/** What the machine knows and has that the server runs on. */
export interface Host {
  readonly platform?: Facts['platform'];
  /** Left out where there is no disk. */
  readonly project?: (listener: ProjectListener) => Project;
  /** Translations for a language, such as `fr`, for a client that brings none. */
  readonly bundle?: (language: string) => Bundle | undefined;
}

export interface Reading {
  readonly document: TextDocument;
  readonly settings: Settings;
  readonly analysis: Analysis;
  /** What the project says of the file's builds. The first is the one in use, with whose facts `analysis` is made; never none. */
  readonly builds: readonly [ProjectBuild, ...ProjectBuild[]];
  /** The texts of files, by their paths in the context of a build, the one in use where none is named: those that are there and can be read as texts. */
  readonly texts: (paths: readonly string[], build?: ProjectBuild) => Promise<ReadonlyMap<string, string>>;
  /** The address of a path in that context; undefined where it is not known. */
  readonly address: (path: string, build?: ProjectBuild) => string | undefined;
  /** The path that an address has in that context; undefined where it lies elsewhere. */
  readonly inside: (uri: string, build?: ProjectBuild) => string | undefined;
  /** What it is compared with; undefined while that is not known. */
  readonly baseline: Baseline | undefined;
  /** An image of the local engine, as far as it is known by now; else as a registry has it. */
  readonly image: (reference: string) => Image | undefined;
  /** What its layers hold, where somebody has looked into it. */
  readonly contents: (image: Image) => ImageContents | undefined;
  /** Which other images of the engine have its layers, by layer from 0; undefined: not known, or not yet. */
  readonly sharers: (image: Image) => readonly Sharers[] | undefined;
  /** Of the last build that was asked for here. */
  readonly measured: MeasuredBuild | undefined;
  /** By reference: what registries had when they were asked here. */
  readonly kept: KeptImages;
  /** The Dockerfiles of its folder, and its path among them; undefined where it lies in none. */
  readonly siblings: Siblings | undefined;
}

export type KeptImages = ReadonlyMap<string, RegistryImage>;

/** A build that was measured: times by what a line says and where it stands, so that another text has none. */
export interface MeasuredBuild {
  readonly image: string;
  readonly times: ReadonlyMap<string, StepTime>;
}

/** What the editor can do, and what it has open. */
export interface Editor {
  readonly capabilities: ClientCapabilities;
  /** Of an open document; null where it is not open. */
  readonly versionOf: (uri: string) => number | null;
}

export interface Session {
  /** Undefined where the document is not open, not ours, or the request was cancelled while others came first. */
  readonly read: (uri: string, token: CancellationToken) => Promise<Reading | undefined>;
  /** The same of a document that is not open, as it is on the disk. */
  readonly readOrLoad: (uri: string, token: CancellationToken) => Promise<Reading | undefined>;
  /** The addresses of our documents that are open. */
  readonly open: () => string[];
  readonly start: (params: InitializeParams) => void;
  /** What is written, and in its context, counts as built from now on. */
  readonly takeAsBuilt: (reading: Reading) => void;
  /** It has been built, and measured. */
  readonly takeAsMeasured: (reading: Reading, measured: MeasuredBuild) => void;
  /** Registries have been asked, and have this. */
  readonly takeAsKept: (reading: Reading, kept: KeptImages) => void;
  /** Tells of each change of a document, of its end, and without an address of whatever may change answers about all of them. */
  readonly follow: (changed: (change: { readonly uri?: string; readonly isClosed?: boolean }) => void) => void;
  /** Says it in the console, once. */
  readonly report: (message: string) => void;
  readonly project: Project | undefined;
  /** What the editor can do. */
  readonly editor: Editor;
}

export const documentSync: TextDocumentSyncOptions = { openClose: true, change: TextDocumentSyncKind.Incremental };

/** What is remembered of a document while it is open. */
interface Opened {
  /** As it was opened. */
  readonly text: string;
  /** As it was when it was first known. */
  context: Context | undefined;
  taken: Baseline | undefined;
  atOpening: Baseline | undefined;
  measured: MeasuredBuild | undefined;
  kept: KeptImages;
  reading: (Reading & { readonly version: number; readonly view: ProjectView | undefined; readonly looked: number | undefined }) | undefined;
}

export function openSession(connection: Connection, host: Host): Session {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, Promise<Settings>>();
  const opened = new Map<string, Opened>();
  const said = new Set<string>();
  const followers: Parameters<Session['follow']>[0][] = [];
  const tell: Parameters<Session['follow']>[0] = (change) => followers.forEach((follower) => follower(change));
  const project = host.project?.({ changed: refresh, report, working: openProgress(connection.window), familiesChanged: () => void connection.sendNotification(familiesChangedNotification).catch(() => undefined) });
  let client: ClientCapabilities = {};
  let pushed: unknown;

  documents.onDidOpen(({ document }) => remember(document));
  // On opening, too.
  documents.onDidChangeContent(({ document }) => {
    if (!isServed(document.uri, document.languageId)) return;
    project?.edited(document.uri, document.getText());
    tell({ uri: document.uri });
  });
  documents.listen(connection);
  documents.onDidClose(({ document }) => {
    settings.delete(document.uri);
    opened.delete(document.uri);
    if (!isServed(document.uri, document.languageId)) return;
    project?.edited(document.uri, undefined);
    tell({ uri: document.uri, isClosed: true });
  });
  connection.onShutdown(() => project?.close());
  connection.onInitialized(() => {
    if (client.workspace?.didChangeConfiguration?.dynamicRegistration) {
      const registered = connection.client.register(DidChangeConfigurationNotification.type, { section: 'strata' });
      registered.catch((error) => report(`settings are not followed: ${error}`));
    }
    if (project && client.workspace?.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(() => {
        connection.workspace.getWorkspaceFolders().then((folders) => {
          project.moved((folders ?? []).map(({ uri }) => uri));
          refresh();
        }).catch((error) => report(`folders are not followed: ${error}`));
      });
    }
    if (project && client.workspace?.didChangeWatchedFiles?.dynamicRegistration) {
      const registered = connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*' }] });
      registered.catch((error) => report(`files are not followed: ${error}`));
    }
  });
  connection.onDidChangeConfiguration(({ settings: sent }) => {
    pushed = (sent as { strata?: unknown } | null)?.strata ?? pushed;
    settings.clear();
    refresh();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    project?.changed(changes.map(({ uri }) => uri));
    if (!changes.some(({ uri }) => nameOf(uri) === configurationName)) return;
    settings.clear();
    refresh();
  });

  return {
    read, readOrLoad, start, takeAsBuilt, takeAsMeasured, takeAsKept, report, project,
    follow: (changed) => void followers.push(changed),
    editor: {
      get capabilities() {
        return client;
      },
      versionOf: (uri) => documents.get(uri)?.version ?? null,
    },
    open: () => documents.all().filter(({ uri, languageId }) => isServed(uri, languageId)).map(({ uri }) => uri),
  };

  async function read(uri: string, token: CancellationToken): Promise<Reading | undefined> {
    const shown = documents.get(uri);
    if (!shown || !isServed(uri, shown.languageId)) return undefined;
    const set = await settingsFor(uri);
    await nextTurn();
    // What has come in the meantime: another version, the end of the document, a cancellation.
    const document = documents.get(uri);
    if (!document || token.isCancellationRequested) return undefined;
    const one = remember(document);
    const view = project?.of(uri, set);
    const known = one.reading;
    const isSame = known?.document === document && known.version === document.version;
    const siblings = project?.siblings(uri);
    const sameSiblings = known?.siblings?.groups.length === siblings?.groups.length && siblings?.groups.every((group, i) => group === known?.siblings?.groups[i]) !== false;
    if (isSame && sameSiblings && known.settings === set && known.view === view && (one.taken === undefined || known.baseline === one.taken) && known.measured === one.measured && known.kept === one.kept && known.looked === project?.images?.looked()) return known;
    const reading = { ...readingOf(document, set, view, isSame ? known : undefined), siblings, image: (reference: string) => project?.images?.image(reference, set) ?? one.kept.get(reference)?.image, contents: (image: Image) => project?.images?.contents(image), sharers: (image: Image) => project?.images?.sharers(image), measured: one.measured, kept: one.kept };
    project?.images?.want(reading.analysis.wants, set);
    const { context } = reading.builds[0];
    if (context.kind === 'folder') one.context ??= context.files;
    one.reading = { ...reading, baseline: baselineOf(one, set, view), version: document.version, view, looked: project?.images?.looked() };
    return one.reading;
  }

  async function readOrLoad(uri: string, token: CancellationToken): Promise<Reading | undefined> {
    if (documents.get(uri)) return read(uri, token);
    const text = await project?.load(uri);
    if (text === undefined) return undefined;
    const set = await settingsFor(uri);
    settings.delete(uri);
    return { ...readingOf(TextDocument.create(uri, 'dockerfile', 0, text), set, project?.of(uri, set)), image: (reference) => project?.images?.image(reference, set) };
  }

  function remember(document: TextDocument): Opened {
    let one = opened.get(document.uri);
    if (!one) {
      one = { text: document.getText(), context: undefined, taken: undefined, atOpening: undefined, measured: undefined, kept: new Map(), reading: undefined };
      opened.set(document.uri, one);
    }
    return one;
  }

  function takeAsBuilt({ document, analysis, builds: [{ facts, context }] }: Reading): void {
    remember(document).taken = { since: 'taken', text: document.getText(), facts, analysis, context: context.kind === 'folder' ? context.files : undefined };
    refresh();
  }

  function takeAsMeasured(reading: Reading, measured: MeasuredBuild): void {
    remember(reading.document).measured = measured;
    takeAsBuilt(reading);
  }

  function takeAsKept(reading: Reading, kept: KeptImages): void {
    const one = remember(reading.document);
    one.kept = new Map([...one.kept, ...kept]);
    refresh();
  }

  /** What was answered before may be out of date. */
  function refresh(): void {
    const { inlayHint, codeLens, diagnostics } = client.workspace ?? {};
    if (inlayHint?.refreshSupport) connection.languages.inlayHint.refresh().catch(() => undefined);
    if (codeLens?.refreshSupport) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
    if (diagnostics?.refreshSupport) connection.languages.diagnostics.refresh().catch(() => undefined);
    connection.sendNotification(changedNotification).catch(() => undefined);
    tell({});
  }

  function settingsFor(uri: string): Promise<Settings> {
    let found = settings.get(uri);
    if (!found) {
      found = pull(uri);
      settings.set(uri, found);
    }
    return found;
  }

  async function pull(uri: string): Promise<Settings> {
    let sent = pushed;
    if (client.workspace?.configuration) {
      try {
        sent = await connection.workspace.getConfiguration({ scopeUri: uri, section: 'strata' });
      } catch (error) {
        report(`settings cannot be read: ${error}`);
      }
    }
    const read = settingsOf(sent, host.platform);
    const configured = project?.configured(uri);
    [...read.complaints, ...(configured?.complaints ?? [])].forEach(report);
    return configured ? { ...read, rules: { ...read.rules, ...configured.rules } } : read;
  }

  function start(params: InitializeParams): void {
    const { capabilities, initializationOptions, workspaceFolders, rootUri } = params;
    speakTo(params, host.bundle);
    client = capabilities;
    pushed = initializationOptions;
    const folders = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    const { trusted, storage } = (initializationOptions ?? {}) as { readonly trusted?: unknown; readonly storage?: unknown };
    project?.start(folders, trusted === true, typeof storage === 'string' ? storage : undefined);
  }

  function report(message: string): void {
    if (said.has(message)) return;
    said.add(message);
    try {
      connection.console.warn(message);
    } catch {
      // The editor is gone: nobody is there to be told.
    }
  }
}

/** Undefined: the last commit is still asked for. */
function baselineOf(one: Opened, { baseline }: Settings, view: ProjectView | undefined): Baseline | undefined {
  if (one.taken) return one.taken;
  const committed = baseline === 'auto' && view ? view.committed : null;
  if (committed === undefined) return undefined;
  if (committed) return committed;
  if (one.atOpening?.context !== one.context) one.atOpening = undefined;
  return (one.atOpening ??= { since: 'opened', text: one.text, context: one.context });
}

/** With what is known beside the document; `earlier` of the same version: its analysis holds where the facts do. */
export function readingOf(document: TextDocument, settings: Settings, view?: Pick<ProjectView, 'builds' | 'texts' | 'address' | 'inside'>, earlier?: Reading): Reading {
  const builds = view?.builds ?? [{ title: '', facts: settings.facts, context: { kind: 'unknown' } as const }];
  const { facts } = builds[0];
  return {
    document, settings, builds, analysis: earlier && earlier.builds[0].facts === facts ? earlier.analysis : analyze(document.getText(), facts),
    texts: view?.texts ?? (async () => new Map()), address: view?.address ?? (() => undefined), inside: view?.inside ?? (() => undefined), baseline: undefined,
    siblings: undefined, image: () => undefined, contents: () => undefined, sharers: () => undefined, measured: undefined, kept: new Map(),
  };
}

/** Aborted when the editor takes its question back. */
export function stopOf(token: CancellationToken): AbortSignal {
  const stop = new AbortController();
  token.onCancellationRequested(() => stop.abort());
  return stop.signal;
}

/** Lets the messages that wait be read first: typing goes before answers that nobody needs any more. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void RAL().timer.setImmediate(resolve));
}
