/** The files of the workspace, for a server in a Worker: through the editor's own file system, whatever that is. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { filesRequest, type FileAnswers, type FileKind, type FilesParams } from '../../server/src/protocol';

const largestText = 4 << 20;

/** Of a larger file the bytes are not read. */
const largestDigested = 32 << 20;

type Answer = FileAnswers[keyof FileAnswers] | null;

export function answerFiles(client: BaseLanguageClient): vscode.Disposable {
  return client.onRequest(filesRequest, async ({ what, uris }: FilesParams): Promise<Answer[]> => Promise.all(uris.map((uri) => answered(what, vscode.Uri.parse(uri)))));
}

/** Only of a workspace folder, and of what lies in it. */
async function answered(what: FilesParams['what'], uri: vscode.Uri): Promise<Answer> {
  if (!vscode.workspace.getWorkspaceFolder(uri)) return null;
  try {
    switch (what) {
      case 'kind': return kindOf((await vscode.workspace.fs.stat(uri)).type);
      case 'list': return (await vscode.workspace.fs.readDirectory(uri)).flatMap(([name, type]) => {
        const kind = kindOf(type);
        return kind ? [[name, kind] as const] : [];
      });
      case 'text': return (await vscode.workspace.fs.stat(uri)).size > largestText ? null : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      case 'digest': return await digestOf(uri);
      default: return null;
    }
  } catch {
    return null;
  }
}

async function digestOf(uri: vscode.Uri): Promise<FileAnswers['digest']> {
  const { size, mtime: time } = await vscode.workspace.fs.stat(uri);
  // Without a secure address a browser has no digests.
  if (size > largestDigested || !crypto.subtle) return { size, time, content: `${size} ${time}` };
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(await vscode.workspace.fs.readFile(uri)));
  return { size, time, content: [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** Null: neither of them, such as a device. */
function kindOf(type: vscode.FileType): FileKind | null {
  if (type & vscode.FileType.SymbolicLink) return 'link';
  return type & vscode.FileType.Directory ? 'folder' : type & vscode.FileType.File ? 'file' : null;
}
