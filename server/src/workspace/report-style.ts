/** How a report looks, light and dark and printed; the classes of drawings are those of core/map/svg.ts. */
export const styles = `
:root { color-scheme: light dark; --paper: #fff; --raised: #f6f7f9; --ink: #1c2430; --quiet: #56606e; --rule: #dde1e7; --link: #0b5cad; --ours: #2f6fbf; --base: #7d8794; --shared: #2b7a3f; --again: #a85b00; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181e; --raised: #1c222b; --ink: #e3e8ef; --quiet: #a3adba; --rule: #313a46; --link: #7db8f5; --ours: #6aa7ec; --base: #8e99a8; --shared: #6cc283; --again: #e5a252; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 40px 32px 56px; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
h1 { margin: 0; font-size: 32px; line-height: 1.2; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { scroll-margin-top: 18px; margin: 56px 0 14px; padding-bottom: 8px; border-bottom: 1px solid var(--rule); font-size: 22px; letter-spacing: -.01em; }
h3 { margin: 28px 0 4px; font-size: 16px; }
h4 { margin: 18px 0 6px; font-size: 12px; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); }
header p { margin: 8px 0 0; max-width: 62ch; color: var(--quiet); font-size: 16px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 18px 0 0; padding: 0; list-style: none; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px; margin: 28px 0 0; border: 1px solid var(--rule); border-radius: 8px; overflow: hidden; background: var(--rule); }
.totals div { display: flex; flex-direction: column; padding: 16px 18px; background: var(--paper); }
.totals dt { order: 1; font-weight: 600; }
.totals dd { order: 2; margin: 0; color: var(--quiet); font-size: 13px; }
.totals .number { order: 0; color: var(--ink); font-size: 30px; font-weight: 650; line-height: 1.2; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
details { margin: 10px 0; border: 1px solid var(--rule); border-radius: 8px; }
summary { display: flex; align-items: baseline; gap: 10px; padding: 11px 16px; cursor: pointer; border-radius: 8px; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: 7px; height: 7px; border: solid var(--quiet); border-width: 0 2px 2px 0; transform: translateY(-2px) rotate(-45deg); }
details[open] > summary::before { transform: translateY(-3px) rotate(45deg); }
summary:hover { background: var(--raised); }
summary h3 { display: inline; flex: 1; margin: 0; font-size: 15px; overflow-wrap: anywhere; }
.count { flex: none; color: var(--quiet); font-variant-numeric: tabular-nums; font-size: 13px; }
details > :not(summary) { margin-left: 16px; margin-right: 16px; }
details > :last-child { margin-bottom: 16px; }
details > p { margin-top: 2px; color: var(--quiet); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
caption { padding: 0 0 6px; text-align: left; color: var(--quiet); font-size: 13px; }
caption.quiet { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 7px 14px 7px 0; border-top: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { font-weight: 400; }
thead th { border-top: 0; padding-top: 2px; font-size: 12px; font-weight: 600; color: var(--quiet); white-space: nowrap; }
tr > :last-child { padding-right: 0; }
tbody tr:hover { background: var(--raised); }
section .wide > table { min-width: 680px; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
h3 code { font-size: .92em; }
.fixes { margin: 10px 0 0; padding: 0; list-style: none; }
.fixes li { display: flex; gap: 10px; padding: 2px 0; }
.fixes .fix { margin: 0; }
.waste th, .waste td { width: 1%; white-space: nowrap; }
.waste tr > :first-child { width: 99%; white-space: normal; }
.files thead th:nth-child(n+3), .waste thead th:nth-child(2), .columns thead th:nth-child(2) { text-align: right; }
.files tbody th { min-width: 240px; }
.columns td:last-child { white-space: nowrap; }
.findings tbody th { width: 23%; }
.findings tbody td:nth-child(2) { width: 27%; }
.bar svg { margin-right: 8px; }
.bar rect { fill: var(--ours); }
.line { color: var(--quiet); font-size: 13px; white-space: nowrap; }
.fix { margin-top: 3px; color: var(--quiet); font-size: 13px; }
.fix b { color: var(--shared); font-weight: 600; }
.more, .none { color: var(--quiet); }
.paths { margin: 0; padding: 0; list-style: none; }
.columns { display: grid; grid-template-columns: minmax(220px, 1fr) 2fr; gap: 0 36px; align-items: start; }
@media (max-width: 760px) { body { padding: 24px 16px 40px; } .columns { grid-template-columns: minmax(0, 1fr); } }
figure { margin-top: 12px; padding: 16px; border-radius: 6px; background: var(--raised); }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 12px; padding: 0; list-style: none; color: var(--quiet); font-size: 13px; }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: 7px; vertical-align: -1px; border: 1.5px solid; border-radius: 3px; }
.swatch.shared { border-color: var(--shared); border-left-width: 4px; }
.swatch.ours { border-color: var(--ours); }
.swatch.base { border-color: var(--base); }
.swatch.drifts { border-color: var(--again); border-style: dashed; }
footer { margin-top: 64px; padding-top: 14px; border-top: 1px solid var(--rule); color: var(--quiet); font-size: 13px; }
.map { display: block; }
@media (min-width: 900px) { .map.fits { max-width: 100%; height: auto; } }
.map text { font: 11.5px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--quiet); }
.map text.instruction { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
.map text.name { font-size: 13px; font-weight: 600; fill: var(--ink); }
.map .block .detail { fill: var(--ink); }
.map .body, .map .behind { fill: color-mix(in srgb, var(--ours) 14%, var(--paper)); stroke: var(--ours); stroke-width: 1; }
.map .base .body, .map .base .behind, .map .below .body { fill: color-mix(in srgb, var(--ink) 7%, var(--paper)); stroke: var(--base); }
.map .shared .body, .map .shared .behind { fill: color-mix(in srgb, var(--shared) 15%, var(--paper)); stroke: var(--shared); }
.map .edge { fill: none; stroke: var(--shared); stroke-width: 3; stroke-linecap: round; }
.map .unknown-line { stroke: var(--base); stroke-width: 1; opacity: .35; }
.map .hatch { stroke: none; }
.map .metadata .body { fill: color-mix(in srgb, var(--ink) 30%, var(--paper)); stroke: none; }
.map .below .body { stroke-dasharray: 2 3; }
.map .drifts .body { stroke: var(--again); stroke-dasharray: 3 2; stroke-width: 2; }
.map .extracts .body { stroke-width: 2.5; }
.map .head .body { fill: transparent; stroke: none; }
.map .ground { stroke: var(--quiet); stroke-width: 1.5; }
.map .arrow { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
.map .tip { fill: var(--quiet); }
@page { margin: 14mm; }
@media print {
  :root { color-scheme: light; --paper: #fff; --raised: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --link: #000; --ours: #2f6fbf; --base: #7d8794; --shared: #2b7a3f; --again: #a85b00; }
  body { max-width: none; padding: 0; font-size: 10.5px; }
  h1 { font-size: 24px; }
  h2 { margin-top: 28px; padding-bottom: 4px; font-size: 16px; }
  h3, summary h3 { font-size: 12px; }
  h4 { margin-top: 10px; font-size: 9px; }
  header p { font-size: 12px; }
  table, code, caption, .line, .fix, .key, .count, footer, .totals dd { font-size: 1em; }
  thead th { font-size: 9px; }
  th, td { padding: 3px 8px 3px 0; }
  nav, summary::before { display: none; }
  h1, h2, h3, h4, summary, summary + p, .key, caption, thead { break-after: avoid; }
  tr, figure, .totals { break-inside: avoid; }
  details::details-content { display: block; content-visibility: visible; }
  .totals { margin-top: 16px; grid-template-columns: repeat(6, 1fr); }
  .totals div { padding: 8px 10px; }
  .totals .number { font-size: 18px; }
  .wide { overflow: visible; }
  section .wide > table, .files tbody th { min-width: 0; }
  .paths { columns: 2; }
  figure { padding: 0; }
  .map { max-width: 100%; max-height: 80vh; height: auto; }
}
`;
