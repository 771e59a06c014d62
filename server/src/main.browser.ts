/** The server in a Worker of the browser: its files are the editor's. What machine builds is not known here. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { startServer } from './lsp';
import { filesRequest, type FilesParams } from './protocol';
import { openMirror, type Ask } from './workspace/mirror';
import { projectOn } from './workspace/project';

// The same two methods; the types of a page and of a Worker do not go together.
const worker = globalThis as unknown as Worker;

const connection = createConnection(new BrowserMessageReader(worker), new BrowserMessageWriter(worker));
const ask: Ask = (what, uris) => connection.sendRequest(filesRequest, { what, uris } satisfies FilesParams);

startServer(connection, { project: (listener) => projectOn({ disk: openMirror(ask, listener.report) }, listener) });
