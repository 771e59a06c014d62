/** The page of the layer map: its toolbar, its legend, and a policy that lets nothing in but our own script and styles. */
import * as vscode from 'vscode';

export function pageOf(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString();
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const key = (className: string, inside: string, text: string): string => `<span class="key"><svg class="map" width="26" height="14" aria-hidden="true"><g class="block ${className}">${inside}</g></svg>${text}</span>`;
  const body = '<rect class="body" x="1" y="1" width="24" height="12" rx="2"/>';
  const hatch = (id: string): string => `${body}<rect class="hatch" x="1" y="1" width="24" height="12" rx="2" fill="url(#${id})"/>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; img-src data:; script-src 'nonce-${nonce}';">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${file('map.css')}">
<title>Layer Map</title>
</head>
<body>
<header>
<h1 id="title"></h1>
<div class="group apart" id="family" hidden>
<select id="candidate" aria-label="Base that could be extracted"></select>
<div class="group"><button id="before" type="button" aria-pressed="true">As it is</button><button id="after" type="button" aria-pressed="false">On a base of its own</button></div>
<button id="extract" type="button" class="main">Extract base image…</button>
</div>
<div class="group" id="heights" role="group" aria-label="Heights"><button id="equal" type="button" aria-pressed="true">Equal heights</button><button id="size" type="button" aria-pressed="false">By size</button></div>
<div class="group" role="group" aria-label="Zoom"><button id="out" type="button" aria-label="Smaller">−</button><button id="fit" type="button" aria-label="Fit the width"><span id="percent">100 %</span></button><button id="in" type="button" aria-label="Larger">+</button></div>
<div class="group" role="group" aria-label="Save"><button id="svg" type="button">SVG</button><button id="png" type="button">PNG</button></div>
</header>
<main id="field"><p id="nothing" hidden></p></main>
<footer>
${key('layer ours', body, 'layer of this file')}
${key('layer base', body, 'of the base')}
${key('layer shared', `${body}<path class="edge" d="M4 4V10"/>`, 'shared')}
${key('layer ours rebuilds', hatch('again'), 'runs again')}
${key('layer ours wasted', `${body}<rect class="waste" x="12" y="9" width="13" height="4"/>`, 'wasted')}
${key('unknown base', hatch('unknown'), 'not known')}
${key('metadata ours', '<rect class="body" x="1" y="5" width="24" height="5" rx="2"/>', 'metadata: no layer')}
${key('container ours', body, 'a container’s writable layer')}
</footer>
<div id="card" role="tooltip" hidden></div>
<script nonce="${nonce}" src="${file('map.js')}"></script>
</body>
</html>`;
}
