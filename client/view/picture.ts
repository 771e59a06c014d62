/** The drawing on the page as a picture of its own: its looks are written into it, since a file has no theme. */

const written = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'font-family', 'font-size', 'font-weight', 'font-style', 'text-decoration-line'] as const;

/** The text of an SVG file. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [, , width, height] = (svg.getAttribute('viewBox') ?? '').split(' ').map(Number);
  const originals = svg.querySelectorAll<SVGElement>('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const property of written) {
      const value = style.getPropertyValue(property);
      // What is drawn with a pattern says so already.
      if (value === '' || (property === 'fill' && element.getAttribute('fill')?.startsWith('url('))) continue;
      element.setAttribute(property === 'text-decoration-line' ? 'text-decoration' : property, plainColor(value));
    }
    element.removeAttribute('tabindex');
  });
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: plainColor(getComputedStyle(document.body).backgroundColor) })) paper.setAttribute(name, value);
  copy.prepend(paper);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** As `rgb()`: programs that show SVG know little else. */
function plainColor(value: string): string {
  if (!value.startsWith('color(srgb')) return value;
  const [red, green, blue] = value.slice('color(srgb'.length).trim().split(/[\s)/]+/).map((part) => Math.round(Number(part) * 255));
  return `rgb(${red}, ${green}, ${blue})`;
}

/** No canvas of a browser is larger. */
const largestSide = 16000;

/** In base64, twice as large as it is drawn, as far as that goes. */
export async function pngOf(svg: SVGSVGElement): Promise<string> {
  const [, , width, height] = (svg.getAttribute('viewBox') ?? '').split(' ').map(Number);
  const scale = Math.min(2, largestSide / Math.max(width, height));
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${base64(standalone(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').slice('data:image/png;base64,'.length);
}

function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
