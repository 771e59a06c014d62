/** The layer map of an editor as an SVG file of its own: on paper, in colours that every program which shows pictures knows. */
import { pictureOf } from './report-picture';

const sans = '"Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';
const mono = 'Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** Of the classes of core/map/svg.ts. */
const styles = `
text { font: 11.5px ${sans}; fill: #56606e; }
text.instruction { font: 12px ${mono}; fill: #1c2430; }
text.name { font-size: 13px; font-weight: 600; fill: #1c2430; }
.block .detail { fill: #1c2430; }
.body, .behind { fill: #e2ebf6; stroke: #2f6fbf; stroke-width: 1; }
.base .body, .base .behind, .below .body { fill: #eff0f1; stroke: #7d8794; }
.shared .body, .shared .behind { fill: #dfebe2; stroke: #2b7a3f; }
.edge { fill: none; stroke: #2b7a3f; stroke-width: 3; stroke-linecap: round; }
.rebuilds .body { stroke: #a85b00; stroke-width: 2; }
.rebuilds.open .body { stroke-dasharray: 6 3; }
.hatch { stroke: none; }
.again-line { stroke: #a85b00; stroke-width: 2.5; opacity: .45; }
.unknown-line { stroke: #7d8794; stroke-width: 1; opacity: .35; }
.waste { fill: #b3261e; }
.metadata .body { fill: #bbbdc1; stroke: none; }
.container .body { fill: none; stroke: #1c2430; stroke-dasharray: 5 4; }
.below .body { stroke-dasharray: 2 3; }
.drifts .body { stroke: #a85b00; stroke-dasharray: 3 2; stroke-width: 2; }
.extracts .body { stroke-width: 2.5; }
.head .body { fill: none; stroke: none; }
.stages .head.target .name { text-decoration: underline; }
.head.unused text { opacity: .75; font-style: italic; }
.ground { stroke: #56606e; stroke-width: 1.5; }
.arrow { fill: none; stroke: #56606e; stroke-width: 1.5; }
.arrow.continues { stroke-width: 3; }
.tip { fill: #56606e; }
`;

/** Of an SVG as core/map/svg.ts writes it. */
export function pictureFile(svg: string): string {
  return `${pictureOf(svg, 1).replace(/^(<svg[^>]*>)/, `$1\n<style>${styles}</style>\n<rect width="100%" height="100%" fill="#fff"/>`)}\n`;
}
