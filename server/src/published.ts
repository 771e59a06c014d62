/** Diagnostics for editors that do not ask for them: sent when a document has rested a little, or more is known of it. */
import { RAL, type CancellationToken, type Connection, type Diagnostic, type Disposable } from 'vscode-languageserver';
import type { Session } from './session';

/** In milliseconds: who types is not told at each letter. */
const pause = 200;
const never: CancellationToken = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

/** `diagnose`: what a client would get that asks. */
export function publishDiagnostics(session: Session, connection: Connection, diagnose: (uri: string, token: CancellationToken) => Promise<readonly Diagnostic[]>): void {
  const waiting = new Map<string, Disposable>();
  session.follow(({ uri, isClosed }) => {
    if (uri === undefined) session.open().forEach(rest);
    else if (isClosed) {
      waiting.get(uri)?.dispose();
      waiting.delete(uri);
      void send(uri, []);
    } else rest(uri);
  });

  function rest(uri: string): void {
    waiting.get(uri)?.dispose();
    waiting.set(uri, RAL().timer.setTimeout(() => {
      waiting.delete(uri);
      void publish(uri);
    }, pause));
  }

  async function publish(uri: string): Promise<void> {
    const version = session.editor.versionOf(uri);
    const found = await diagnose(uri, never);
    // Another version, or the end of the document, has come: that is waited for already, or was told.
    if (version !== null && session.editor.versionOf(uri) === version) await send(uri, found, version);
  }

  async function send(uri: string, diagnostics: readonly Diagnostic[], version?: number): Promise<void> {
    try {
      await connection.sendDiagnostics({ uri, diagnostics: [...diagnostics], ...(version !== undefined && { version }) });
    } catch {
      // The editor is gone: nobody is there to be told.
    }
  }
}
