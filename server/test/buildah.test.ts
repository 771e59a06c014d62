/** Rows that Buildah 1.28 and Podman 4.3 wrote (their STEP lines say of which line), joined to the lines of the file. */
import { expect, test } from 'vitest';
import { analyze } from '../src/core/analyze';
import { joinImage } from '../src/core/image/join';
import { rowsByLayer } from '../src/core/image/losses';
import type { Image, ImageRow } from '../src/core/image/model';
import { withLayers } from '../src/core/image/rows';

/** `layer` or `empty`, then what the row was created by; behind ` -- ` its comment. Oldest first. */
function image(history: string): Image {
  let layers = 0;
  const rows = history.trim().split('\n').map((line): ImageRow => {
    const [, kind, createdBy, comment = ''] = /^(layer|empty) (.*?)(?: -- (.*))?$/.exec(line)!;
    const emptyLayer = kind === 'empty';
    return { id: null, created: null, createdBy, comment, emptyLayer, diffId: emptyLayer ? undefined : `sha256:${++layers}`, size: undefined, tags: [] };
  });
  return { reference: 'app', id: 'sha256:0', platform: 'linux/amd64', config: {}, rows, diffIds: rows.flatMap(({ diffId }) => diffId ?? []) };
}

function joined(text: string, made: Image): string[] {
  const analysis = analyze(text, { buildArgs: { C: 'given' } });
  const { rows, doubt, missing } = joinImage(analysis, analysis.target!, made);
  return [...rows.map(({ owner, step, certainty }) => (step ? `${step.line} ${certainty}` : owner)), ...missing.map(({ line }) => `${line} missing`), ...(doubt === undefined ? [] : [doubt])];
}

const base = 'layer /bin/sh -c #(nop) ADD file:028940c9c7e8 in / -- imported from tarball\n';

test('a line is written as it stands in the file; of COPY the destination, of ARG the names so far', () => {
  expect(joined(`\
FROM base
ARG VERSION=1.2
ARG NOTHING
ENV APP=/srv/app LIST="a b" OLD=\${VERSION}
ENV LEGACY a value with spaces
LABEL org.example.version=$VERSION "with space"="x y"
RUN echo $APP
WORKDIR $APP
COPY a.txt b.txt ./
COPY ["dir/c.txt", "with space.txt"]
ADD a.txt /tmp/
VOLUME ["/json"]
EXPOSE 443 80/tcp 53/udp 8000-8002
SHELL ["/bin/sh", "-ec"]
run   echo   blanks
RUN ["/bin/sh", "-c", "echo exec"]
HEALTHCHECK --interval=1m30s --retries=4 CMD test -f /x || exit 1
ONBUILD RUN echo child
env A=1 \\
    # inside
    B=2
CMD echo $APP
`, image(`${base}\
empty /bin/sh -c #(nop) ARG VERSION -- FROM base:latest
empty /bin/sh -c #(nop) ARG VERSION -- FROM 54ae9d7f924b
empty /bin/sh -c #(nop) ENV APP=/srv/app LIST="a b" OLD=\${VERSION} -- FROM 175926fb6921
empty /bin/sh -c #(nop) ENV LEGACY a value with spaces -- FROM 5ecca27ab844
empty /bin/sh -c #(nop) LABEL org.example.version=$VERSION "with space"="x y" -- FROM d2b058a7219f
layer |1 VERSION=1.2 /bin/sh -c echo $APP -- FROM 4f73c138dbaa
empty /bin/sh -c #(nop) WORKDIR $APP -- FROM 5a21146e51fa
layer /bin/sh -c #(nop) COPY multi:281fd41ed7e9 in ./  -- FROM 8d9a9e5782e6
layer /bin/sh -c #(nop) COPY file:722648c313c4 in with space.txt  -- FROM 1bc5830f4565
layer /bin/sh -c #(nop) ADD file:3dd26e4965c8 in /tmp/  -- FROM 256f67f0ea43
empty /bin/sh -c #(nop) VOLUME ["/json"] -- FROM 1cff836d49c8
empty /bin/sh -c #(nop) EXPOSE 443 80/tcp 53/udp 8000-8002 -- FROM 6480be3d6909
empty /bin/sh -c #(nop) SHELL ["/bin/sh", "-ec"] -- FROM a62dec51fcd2
layer |1 VERSION=1.2 /bin/sh -c   echo   blanks -- FROM 47f854d6bf5d
layer |1 VERSION=1.2 /bin/sh -c ["/bin/sh", "-c", "echo exec"] -- FROM 5295d25bf704
empty /bin/sh -c #(nop) HEALTHCHECK --interval=1m30s --retries=4 CMD test -f /x || exit 1 -- FROM 8bb1bf787633
empty /bin/sh -c #(nop) ONBUILD RUN echo child -- FROM 16426cd3e8f1
empty /bin/sh -c #(nop) env A=1     B=2 -- FROM 9ebaf355600b
empty /bin/sh -c #(nop) CMD echo $APP -- FROM fac6d2671e21
`))).toEqual([
    'base', '2 loose', '3 loose', '4 same', '5 same', '6 same', '7 same', '8 same', '9 loose', '10 loose', '11 loose', '12 same', '13 same', '14 same', '15 same', '16 same', '17 same', '18 same', '19 same', '22 same',
  ]);
});

test('arguments: those of the stage that have a value, sorted, in the row of each ARG', () => {
  expect(joined('FROM base\nARG A=stage B=${A}-b\nARG C\nARG EMPTY=full\nRUN echo $A $B $C\nARG A=again\nARG http_proxy\n', image(`${base}\
empty /bin/sh -c #(nop) ARG A B
empty /bin/sh -c #(nop) ARG A B C
empty /bin/sh -c #(nop) ARG A B C EMPTY
layer |4 A=stage B=-b C=given EMPTY=full /bin/sh -c echo $A $B $C
empty /bin/sh -c #(nop) ARG A B C EMPTY
empty /bin/sh -c #(nop) ARG A B C EMPTY HTTP_PROXY no_proxy
`))).toEqual(['base', '2 loose', '3 loose', '4 loose', '5 same', '6 loose', '7 loose']);
  // An ARG that is new since has no row: none of the others names it.
  expect(joined('FROM base\nARG A=1\nARG NEW=2\nARG C\n', image(`${base}empty /bin/sh -c #(nop) ARG A\nempty /bin/sh -c #(nop) ARG A C\n`))).toEqual(['base', '2 loose', '4 loose', '3 missing']);
});

test('a line that has changed since, and mounts and heredocs as newer ones write them (stage_executor.go getCreatedBy)', () => {
  const text = 'FROM base\nENV A=2\nRUN --mount=type=bind,source=f,target=/f echo x\nRUN <<EOF\necho one\necho two\nEOF\nCOPY --link a /a\n';
  const sum = `sha256:${'ab'.repeat(32)}`;
  expect(joined(text, image(`${base}\
empty /bin/sh -c #(nop) ENV A=1
layer /bin/sh -c --mount=type=bind,source=f,target=/f echo x:${sum}|force-mtime=0
layer /bin/sh -c #(nop) COPY --link file:abc in /a      |force-mtime=0 
`))).toEqual(['base', '2 other-text', '3 same', '8 loose', '4 missing', 'One row is joined by kind and place: the line has another text now.']);
  const heredoc = image(base + 'layer X\n');
  const rows = heredoc.rows.map((row) => (row.createdBy === 'X' ? { ...row, createdBy: '/bin/sh -c <<EOF\necho one\necho two' } : row));
  expect(joined('FROM base\nRUN <<EOF\necho one\necho two\nEOF\n', { ...heredoc, rows })).toEqual(['base', '2 same']);
});

const single = `${base}\
empty /bin/sh -c #(nop) ENV A=1
empty /bin/sh -c echo $A
empty /bin/sh -c #(nop) COPY file:722648c313c4 in /a 
layer /bin/sh -c #(nop) CMD echo $A -- FROM base:latest
`;
const singleText = 'FROM base\nENV A=1\nRUN echo $A\nCOPY a /a\nCMD echo $A\n';
const squashed = 'The image was squashed: one layer holds what many lines wrote.';

test('one layer for all lines, as Buildah makes it by default: its content is no line\'s', () => {
  const made = image(single);
  expect(joined(singleText, made)).toEqual(['base', '2 same', '3 same', '4 loose', '5 same', squashed]);
  const analysis = analyze(singleText);
  expect(rowsByLayer(made, joinImage(analysis, 0, made)).map((row) => row?.step?.line ?? row?.owner)).toEqual(['base', 'unknown']);
});

test('so for a last line that writes files, for a stage below, and for the classic builder\'s --squash', () => {
  expect(joined('FROM base\nRUN a\nRUN b\n', image(`${base}empty /bin/sh -c a\nlayer /bin/sh -c b -- FROM base:latest\n`))).toEqual(['base', '2 same', '3 same', squashed]);
  expect(joined('FROM base AS a\nRUN a\nENV A=1\nFROM a\nRUN b\n', image(`${base}empty /bin/sh -c a\nlayer /bin/sh -c #(nop) ENV A=1 -- FROM base:latest\nlayer /bin/sh -c b -- FROM 1234\n`))).toEqual(['base', '2 same', '3 same', '5 same', squashed]);
  expect(joined('FROM base\nRUN a\nCMD b\n', image(`${base}empty /bin/sh -c a\nempty /bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "b"]\nlayer  -- merge sha256:1 to sha256:2\n`))).toEqual(['base', '2 same', '3 same', 'unknown', squashed]);
  // Nothing was lost: a layer of its own, or a RUN of Kaniko's that changed nothing.
  expect(joined('FROM base\nENV A=1\nRUN b\n', image(`${base}empty /bin/sh -c #(nop) ENV A=1\nlayer /bin/sh -c b -- FROM 1234\n`))).toEqual(['base', '2 same', '3 same']);
  expect(joined('FROM base\nRUN true\nCOPY a /\n', image(`${base}empty RUN true\nlayer COPY a /\n`))).not.toContain(squashed);
});

test('an engine that says sizes alone: where those with bytes have all layers, no other row has one', () => {
  const { rows, diffIds } = image(single);
  const told = rows.map((row, i) => ({ ...row, size: i === 0 ? 3_747_840 : i === 4 ? 10_752 : 0 }));
  expect(withLayers(told, diffIds).map(({ emptyLayer, diffId }) => (emptyLayer ? 'empty' : diffId))).toEqual(['sha256:1', 'empty', 'empty', 'empty', 'sha256:2']);
});
