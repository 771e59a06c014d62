/**
 * The open documents, what the user has set for each, and one analysis for a version of a document, made when first asked
 * for and shared by all that read it.
 */
import {
  DidChangeConfigurationNotification, RAL, TextDocumentSyncKind, TextDocuments,
  type CancellationToken, type ClientCapabilities, type Connection, type TextDocumentSyncOptions,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { analyze } from './core/analyze';
import type { Analysis, Facts } from './core/build/model';
import type { ProjectBuild } from './core/build/project';
import { changedNotification } from './protocol';
import { isServed } from './served';
import { settingsOf, type Settings } from './settings';

/** What the machine knows that the server runs on. */
export interface Host {
  readonly platform?: Facts['platform'];
}

export interface Reading {
  readonly document: TextDocument;
  readonly settings: Settings;
  readonly analysis: Analysis;
  /** What the project says of the file's builds. The first is the one in use, with whose facts `analysis` is made; never none. */
  readonly builds: readonly [ProjectBuild, ...ProjectBuild[]];
  /** The texts of files, by their paths in the context of the build in use: those that are there and can be read as texts. */
  readonly texts: (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

export interface Session {
  /** Undefined where the document is not open, not ours, or the request was cancelled while others came first. */
  readonly read: (uri: string, token: CancellationToken) => Promise<Reading | undefined>;
  readonly start: (capabilities: ClientCapabilities, sent: unknown) => void;
  /** Says it in the console, once. */
  readonly report: (message: string) => void;
}

export const documentSync: TextDocumentSyncOptions = { openClose: true, change: TextDocumentSyncKind.Incremental };

export function openSession(connection: Connection, host: Host): Session {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, Promise<Settings>>();
  const readings = new WeakMap<TextDocument, Reading & { readonly version: number }>();
  const said = new Set<string>();
  let client: ClientCapabilities = {};
  let pushed: unknown;

  documents.listen(connection);
  documents.onDidClose(({ document }) => settings.delete(document.uri));
  connection.onInitialized(() => {
    if (!client.workspace?.didChangeConfiguration?.dynamicRegistration) return;
    const registered = connection.client.register(DidChangeConfigurationNotification.type, { section: 'strata' });
    registered.catch((error) => report(`settings are not followed: ${error}`));
  });
  connection.onDidChangeConfiguration(({ settings: sent }) => {
    pushed = (sent as { strata?: unknown } | null)?.strata ?? pushed;
    settings.clear();
    if (client.workspace?.inlayHint?.refreshSupport) connection.languages.inlayHint.refresh().catch(() => undefined);
    connection.sendNotification(changedNotification).catch(() => undefined);
  });

  return { read, start, report };

  async function read(uri: string, token: CancellationToken): Promise<Reading | undefined> {
    const opened = documents.get(uri);
    if (!opened || !isServed(uri, opened.languageId)) return undefined;
    const set = await settingsFor(uri);
    await nextTurn();
    // What has come in the meantime: another version, the end of the document, a cancellation.
    const document = documents.get(uri);
    if (!document || token.isCancellationRequested) return undefined;
    const known = readings.get(document);
    if (known && known.version === document.version && known.settings === set) return known;
    const reading = { ...readingOf(document, set), version: document.version };
    readings.set(document, reading);
    return reading;
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
    read.complaints.forEach(report);
    return read;
  }

  function start(capabilities: ClientCapabilities, sent: unknown): void {
    client = capabilities;
    pushed = sent;
  }

  function report(message: string): void {
    if (said.has(message)) return;
    said.add(message);
    connection.console.warn(message);
  }
}

/** Where nothing is known but the document. */
export function readingOf(document: TextDocument, settings: Settings, facts = settings.facts): Reading {
  const build: ProjectBuild = { title: '', facts, context: { kind: 'unknown' } };
  return { document, settings, analysis: analyze(document.getText(), facts), builds: [build], texts: async () => new Map() };
}

/** Lets the messages that wait be read first: typing goes before answers that nobody needs any more. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void RAL().timer.setImmediate(resolve));
}
