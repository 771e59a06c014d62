// What a user reads, and the only place that says it: a Dockerfile with its hints in ‹›, as `picture` prints it and
// as the page shows it.

export const flask = `\
FROM python:3.8-alpine ‹base: unknown›
RUN pip install flask ‹layer 1 · [2/3]›
CMD ["python","app.py"]
COPY app.py /app.py ‹layer 2 · [3/3]›
`;

export const fromScratch = `\
FROM scratch ‹base: empty›
COPY a /a ‹layer 1 · [2/2]›
`;

export const noHints = `\
FROM scratch
COPY a /a
`;

export const flaskSymbols = `\
python:3.8-alpine
`;

export const flaskHover = /layer/i;

/** The Dockerfile alone. */
export const sourceOf = (picture: string) => picture.replace(/ ‹.*?›/g, '');

/** The lines of a picture with the marks gone, as they are seen in the editor. */
export const seenLines = (picture: string) => picture.trimEnd().split('\n').map((line) => squeeze(line.replace(/[‹›]/g, '')));

/** Blanks in the page are padding, or no-break spaces: only where words end matters. */
export const squeeze = (text: string) => text.replace(/[\s\u00a0\u200b-\u200f]+/g, '');
