/** The server: requests in, answers out, by the features. No request fails at the client; what fails is said in the console. */
import { LSPErrorCodes, ResponseError, type CancellationToken, type Connection } from 'vscode-languageserver';
import { hintsIn } from './features/hints';
import { hoverAt } from './features/hover';
import { marksOf } from './features/marks';
import { symbolsOf } from './features/symbols';
import { tableOf } from './features/table';
import { layersRequest, tableRequest, type LayersParams, type TableParams } from './protocol';
import { documentSync, openSession, type Host, type Reading } from './session';

export function startServer(connection: Connection, host: Host = {}): void {
  const session = openSession(connection, host);

  connection.onInitialize((params) => {
    session.start(params);
    return {
      capabilities: {
        textDocumentSync: documentSync,
        hoverProvider: true,
        inlayHintProvider: true,
        documentSymbolProvider: { label: 'Strata' },
      },
      serverInfo: { name: 'Strata' },
    };
  });

  connection.languages.inlayHint.on(reply([], (reading, { range }) => hintsIn(reading, range)));
  connection.onHover(reply(null, (reading, { position }) => hoverAt(reading, position)));
  connection.onDocumentSymbol(reply([], symbolsOf));
  connection.onRequest(layersRequest, reply<LayersParams, ReturnType<typeof marksOf> | null>(null, marksOf));
  connection.onRequest(tableRequest, reply<TableParams, string | null>(null, (reading, { stage }) => tableOf(reading, stage)));
  connection.listen();

  function reply<Params extends { readonly textDocument: { readonly uri: string } }, Answer>(
    nothing: Answer, answer: (reading: Reading, params: Params) => Answer,
  ) {
    return async (params: Params, token: CancellationToken): Promise<Answer | ResponseError<void>> => {
      try {
        const reading = await session.read(params.textDocument.uri, token);
        if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
        return reading ? answer(reading, params) : nothing;
      } catch (error) {
        session.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return nothing;
      }
    };
  }
}
