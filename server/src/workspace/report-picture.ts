/** The layer map of an editor as a still picture of a page: it is listened to as one, its names are its own, nothing of it waits for a click, and what a block is called shows under the pointer. */

/** Of a drawing that is not much wider than the page, in pixels: it is made to fit; what is wider is moved by who looks. */
const fitting = 1350;

/** Of an SVG as core/map/svg.ts writes it, in which every text is escaped. `index`: of the pictures of a page. */
export function pictureOf(svg: string, index: number): string {
  const width = Number(/ width="(\d+(?:\.\d+)?)"/.exec(svg)?.[1]);
  return svg
    .replace(' class="map ', width <= fitting ? ' class="map fits ' : '$&')
    .replace('role="tree"', 'role="img"')
    .replace(/ data-(?:id|column)="[^"]*"| role="treeitem"| aria-level="\d+"| tabindex="-1"/g, '')
    .replace(/<text class="unseen">([^<]*)<\/text>/g, '<title>$1</title>')
    .replace(/\bid="(again|unknown|tip)"/g, `id="$1-${index}"`)
    .replace(/url\(#(again|unknown|tip)\)/g, `url(#$1-${index})`);
}
