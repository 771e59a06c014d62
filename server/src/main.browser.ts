/** The server in a Worker of the browser. What machine builds is not known here. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { startServer } from './lsp';

// The same two methods; the types of a page and of a Worker do not go together.
const worker = globalThis as unknown as Worker;

startServer(createConnection(new BrowserMessageReader(worker), new BrowserMessageWriter(worker)));
