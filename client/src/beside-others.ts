/** Extensions that show something of a Dockerfile which we show, too: what is said here is what theirs does by its sources. docs/beside-others.md */
import * as vscode from 'vscode';

/** Docker's own. */
export function hasDockerDx(): boolean {
  return has('docker.docker');
}

export const dividersOfDockerDx = 'docker.extension.editor.dockerfileBuildStageDecorationLines';

/** Above each FROM. */
export function drawsDividers({ uri, languageId }: vscode.TextDocument): boolean {
  return hasDockerDx() && uri.scheme === 'file' && languageId === 'dockerfile' && vscode.workspace.getConfiguration(undefined, uri).get(dividersOfDockerDx, true);
}

/** An outline of instructions: both start the same language server for it, Docker DX only where Container Tools is not there. */
export function hasOutline(): boolean {
  return hasDockerDx() || has('ms-azuretools.vscode-containers');
}

function has(id: string): boolean {
  return vscode.extensions.getExtension(id) !== undefined;
}
