/** The server: requests in, answers out, by the features. No request fails at the client; what fails is said in the console. */
import { CodeActionKind, LSPErrorCodes, ResponseError, type CancellationToken, type CodeAction, type CodeActionParams, type CodeLens, type Connection, type Diagnostic, type DocumentDiagnosticParams, type DocumentDiagnosticReport } from 'vscode-languageserver';
import { actionsOf, fixAllKind } from './features/actions';
import { diagnosticsOf } from './features/diagnostics';
import { extractionEdit, inliningEdit, waysOf, type ActionData } from './features/extraction';
import { familiesOf } from './features/families';
import { hintsIn } from './features/hints';
import { hoverAt } from './features/hover';
import { countedLens, lensesOf, type LensData } from './features/lenses';
import { marksOf } from './features/marks';
import { symbolsOf } from './features/symbols';
import { tableOf } from './features/table';
import { changesOf } from './features/what-if';
import {
  askRegistryRequest, buildProgressNotification, buildRequest, changesRequest, containersRequest, extractKind, extractRequest, familiesRequest, imageLayersRequest, imageNamesRequest, inlineKind, inlineRequest, layerFilesRequest, layersRequest, layerTextsRequest, lookRequest, mapRequest, showLayerRequest, tableRequest, takeAsBuiltRequest, trustNotification, waysRequest, whatIfRequest,
  type AskRegistryAnswer, type AskRegistryParams, type BuildAnswer, type BuildParams, type BuildProgressParams, type ExtractAnswer, type ExtractParams, type FamiliesAnswer, type FamiliesParams, type InlineParams, type WaysAnswer, type WaysParams,
  type ContainersAnswer, type DocumentParams, type ImageLayersAnswer, type ImageNamesAnswer, type LayerFilesAnswer, type LayerFilesParams, type LayerTextsAnswer, type LayerTextsParams, type ShowLayerAnswer, type ShowLayerParams,
  type ChangesAnswer, type ChangesParams, type LayersParams, type LookAnswer, type LookParams, type MapAnswer, type MapParams, type TableParams, type WhatIfAnswer, type WhatIfParams,
} from './protocol';
import { buildFor } from './build';
import { actionsFor, offerCommands } from './commands';
import { publishDiagnostics } from './published';
import { containersFor, imageLayersFor, imageNamesFor, layerFilesFor, layerTextsFor, showLayerFor } from './layer-files';
import { lookFor } from './look';
import { openMaps } from './map';
import { askRegistryFor } from './registry';
import { whatIfIn } from './reach';
import { say } from './core/say';
import { documentSync, openSession, type Host, type Reading } from './session';

export function startServer(connection: Connection, host: Host = {}): void {
  const session = openSession(connection, host);
  const diagnose = reply<DocumentDiagnosticParams, DocumentDiagnosticReport>({ kind: 'full', items: [] }, async (reading) => ({ kind: 'full', items: await diagnosticsOf(reading) }));

  connection.onInitialize((params) => {
    session.start(params);
    if (!params.capabilities.textDocument?.diagnostic) publishDiagnostics(session, connection, async (uri, token) => itemsOf(await diagnose({ textDocument: { uri } }, token)));
    return {
      capabilities: {
        textDocumentSync: documentSync,
        hoverProvider: true,
        inlayHintProvider: true,
        codeLensProvider: { resolveProvider: true },
        diagnosticProvider: { identifier: 'strata', interFileDependencies: false, workspaceDiagnostics: false },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, extractKind, inlineKind, fixAllKind], resolveProvider: true },
        documentSymbolProvider: { label: 'Strata' },
        executeCommandProvider: offerCommands(session, connection, params),
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: 'Strata' },
    };
  });

  connection.languages.inlayHint.on(reply([], (reading, { range }) => hintsIn(reading, range)));
  connection.languages.diagnostics.on(async (params, token) => (await diagnose(params, token)) as DocumentDiagnosticReport);
  connection.onCodeAction(reply<CodeActionParams, CodeAction[]>([], async (reading, params) => actionsFor(await actionsOf(reading, params), session.editor, params.textDocument.uri)));
  connection.onCodeActionResolve((action, token) => resolveAction(action, token));
  connection.onHover(reply(null, (reading, { position }) => hoverAt(reading, position)));
  connection.onDocumentSymbol(reply([], symbolsOf));
  connection.onRequest(layersRequest, reply<LayersParams, ReturnType<typeof marksOf> | null>(null, marksOf));
  connection.onRequest(tableRequest, reply<TableParams, string | null>(null, (reading, { stage }) => tableOf(reading, stage)));
  connection.onCodeLens(reply([], lensesOf));
  connection.onCodeLensResolve(async (lens, token) => {
    const data = lens.data as LensData;
    const answer = reply<{ textDocument: { uri: string } }, CodeLens>(lens, (reading) => countedLens(reading, lens, data));
    return (await answer({ textDocument: { uri: data.uri } }, token)) as CodeLens;
  });
  connection.onRequest(changesRequest, reply<ChangesParams, ChangesAnswer | null>(null, changesOf));
  connection.onRequest(takeAsBuiltRequest, reply<ChangesParams, true | null>(null, (reading) => {
    session.takeAsBuilt(reading);
    return true;
  }));
  connection.onRequest<WhatIfAnswer | null, void>(whatIfRequest, guarded<WhatIfParams, WhatIfAnswer | null>(null, (params, token) => whatIfIn(session, params, token)));
  const { project } = session;
  connection.onRequest<FamiliesAnswer | null, void>(familiesRequest, guarded<FamiliesParams, FamiliesAnswer | null>(null, async ({ whole }) => (project ? familiesOf(project, whole) : null)));
  connection.onRequest<WaysAnswer | null, void>(waysRequest, guarded<WaysParams, WaysAnswer | null>(null, async (params) => (project ? waysOf(project, params) : null)));
  connection.onRequest<ExtractAnswer | null, void>(extractRequest, guarded<ExtractParams, ExtractAnswer | null>(null, async (params) => (project ? extractionEdit(project, params, session.editor) : null)));
  connection.onRequest<ExtractAnswer | null, void>(inlineRequest, guarded<InlineParams, ExtractAnswer | null>(null, async (params) => (project ? inliningEdit(project, params, session.editor) : null)));
  connection.onRequest<BuildAnswer | null, void>(buildRequest, guarded<BuildParams, BuildAnswer | null>(null, (params, token) => buildFor(session, progressOf(params), params, token)));
  connection.onRequest<LookAnswer | null, void>(lookRequest, guarded<LookParams, LookAnswer | null>(null, (params, token) => lookFor(session, params, token)));
  connection.onRequest<AskRegistryAnswer | null, void>(askRegistryRequest, guarded<AskRegistryParams, AskRegistryAnswer | null>(null, (params, token) => askRegistryFor(session, params, token)));
  connection.onRequest<ShowLayerAnswer | null, void>(showLayerRequest, guarded<ShowLayerParams, ShowLayerAnswer | null>(null, (params, token) => showLayerFor(session, params, token)));
  connection.onRequest<ImageLayersAnswer | null, void>(imageLayersRequest, guarded<DocumentParams, ImageLayersAnswer | null>(null, (params, token) => imageLayersFor(session, params, token)));
  connection.onRequest<ImageNamesAnswer | null, void>(imageNamesRequest, guarded<void, ImageNamesAnswer | null>(null, () => imageNamesFor(session)));
  connection.onRequest<ContainersAnswer | null, void>(containersRequest, guarded<DocumentParams, ContainersAnswer | null>(null, (params, token) => containersFor(session, params, token)));
  connection.onRequest<LayerFilesAnswer | null, void>(layerFilesRequest, guarded<LayerFilesParams, LayerFilesAnswer | null>(null, (params, token) => layerFilesFor(session, params, token)));
  connection.onRequest<LayerTextsAnswer | null, void>(layerTextsRequest, guarded<LayerTextsParams, LayerTextsAnswer | null>(null, (params) => layerTextsFor(session, params)));
  const mapFor = openMaps(session);
  connection.onRequest<MapAnswer | null, void>(mapRequest, guarded<MapParams, MapAnswer | null>(null, mapFor));
  connection.onNotification(trustNotification, () => session.project?.trust());
  connection.listen();

  /** A refusal at this point is the answer: the editor shows it. */
  async function resolveAction(action: CodeAction, token: CancellationToken): Promise<CodeAction | ResponseError<void>> {
    const data = action.data as ActionData | undefined;
    if (!data || !project) return action;
    const answer = guarded<ActionData, ExtractAnswer | null>(null, async () => ('extract' in data ? extractionEdit(project, data.extract, session.editor) : inliningEdit(project, data.inline, session.editor)));
    const made = await answer(data, token);
    if (made instanceof ResponseError) return made;
    if (!made) return new ResponseError(LSPErrorCodes.RequestFailed, say('The Dockerfiles have changed: ask for the refactoring again.'));
    return 'refused' in made ? new ResponseError(LSPErrorCodes.RequestFailed, made.refused) : { ...action, edit: made.edit };
  }

  function progressOf({ textDocument: { uri } }: BuildParams) {
    return (now: Omit<BuildProgressParams, 'uri'>) => void connection.sendNotification(buildProgressNotification, { uri, ...now } satisfies BuildProgressParams).catch(() => undefined);
  }

  function reply<Params extends { readonly textDocument: { readonly uri: string } }, Answer>(
    nothing: Answer, answer: (reading: Reading, params: Params) => Answer | Promise<Answer>,
  ) {
    return guarded<Params, Answer>(nothing, async (params, token) => {
      const reading = await session.read(params.textDocument.uri, token);
      return reading && !token.isCancellationRequested ? answer(reading, params) : nothing;
    });
  }

  function guarded<Params, Answer>(nothing: Answer, answer: (params: Params, token: CancellationToken) => Promise<Answer>) {
    return async (params: Params, token: CancellationToken): Promise<Answer | ResponseError<void>> => {
      try {
        const answered = await answer(params, token);
        return token.isCancellationRequested ? new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled') : answered;
      } catch (error) {
        session.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return nothing;
      }
    };
  }
}

/** None where it was cancelled. */
function itemsOf(report: DocumentDiagnosticReport | ResponseError<void>): readonly Diagnostic[] {
  return 'kind' in report && report.kind === 'full' ? report.items : [];
}
