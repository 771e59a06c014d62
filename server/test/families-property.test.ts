/** Families of any Dockerfiles: an extraction keeps every image, and groups do not depend on how the files came. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSiblings, type Siblings } from '../src/core/family/siblings';
import { extractionOf, familiesOf, shapedFile, ways } from '../src/workspace/extract';
import { projectOf, type Project } from './families';
import { differences, putBack, type Registry } from './families-meaning';
import type { Files } from './rules';

const plain: Registry = { env: ['PATH=/bin'], cmd: null, entrypoint: null, user: '', workdir: '/' };
/** Of an image that sets what others read. */
const full: Registry = { env: ['PATH=/bin', 'A=7', 'B=8'], cmd: 'cmd', entrypoint: 'entry', user: 'someone', workdir: '/srv' };

const shared = fc.constantFrom(
  'RUN make', 'RUN apt-get update && \\\n  # why\n  apt-get install -y curl', 'RUN echo $A', 'RUN ["exec", "$A"]', 'RUN <<EOF\nset -e\necho $A\nEOF', 'RUN --mount=type=cache,target=/c pip install x', 'RUN --mount=type=secret,id=s make',
  'RUN --mount=type=bind,target=/src make', 'RUN --mount=type=bind,from=tools,target=/t make', 'RUN --network=none make', 'COPY . .', 'COPY a.txt /a/', 'COPY $A /a/', 'COPY --from=tools /t /t', 'COPY --from=0 /t /u', 'COPY --from=busybox /bin /b',
  'COPY <<EOF /etc/x\n$A\nEOF', 'ADD https://example.org/a /a', 'ARG A', 'ARG A=1', 'ARG A=2 B', 'ARG B=$A', 'ARG GLOBAL', 'ARG GLOBAL=own', 'ENV A=3', 'ENV B=$A C=$B', 'ENV GLOBAL=x', 'ENV PATH=/x:$PATH', 'WORKDIR /app', 'WORKDIR sub', 'WORKDIR $A',
  'USER app', 'USER $B', 'SHELL ["/bin/bash", "-c"]', 'SHELL ["pwsh"]', 'LABEL a=1', 'LABEL a=$A', 'LABEL b=$GLOBAL', 'EXPOSE 80', 'EXPOSE $A', 'VOLUME /v', 'STOPSIGNAL SIGINT', 'MAINTAINER me', 'HEALTHCHECK CMD true', 'HEALTHCHECK NONE', 'CMD run', 'CMD ["run"]',
  'ENTRYPOINT ["entry"]', 'ENTRYPOINT entry', 'ONBUILD RUN x', 'ONBUILD COPY . .', '# a comment', '', 'copy a.txt /b/', 'run make',
);
const own = fc.oneof(shared, fc.constantFrom('RUN own', 'LABEL a=2', 'ENV A=own', 'ARG OWN=1', 'CMD ["own"]', 'COPY own.txt /', '# of its own', 'RUN echo $OWN $GLOBAL'));
/** In the same file, this time. */
const stage = fc.tuple(fc.constantFrom('FROM debian:12 AS more', 'FROM shared AS more', 'FROM tools', 'FROM final', 'FROM base', 'FROM 0 AS more', 'FROM debian:12 AS other'), fc.array(own, { maxLength: 4 })).map(([from, lines]) => [from, ...lines]);

interface Sibling {
  readonly lines: readonly string[];
  readonly between: readonly string[];
  readonly stages: readonly (readonly string[])[];
  readonly lineBreak: string;
  readonly ends: boolean;
}
const sibling: fc.Arbitrary<Sibling> = fc.record({
  lines: fc.array(own, { maxLength: 5 }), between: fc.array(fc.constantFrom('', '# between', 'LABEL own=1', 'CMD ["between"]', 'EXPOSE 81'), { maxLength: 2 }), stages: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(stage, { minLength: 1, maxLength: 2 })),
  lineBreak: fc.constantFrom('\n', '\n', '\n', '\r\n'), ends: fc.boolean(),
});
const build = fc.record({ args: fc.constantFrom({}, {}, { A: 'given' }, { GLOBAL: 'given', OWN: 'x' }), context: fc.constantFrom('.', '.', 'sub') });

const family: fc.Arbitrary<Files> = fc.record({
  head: fc.constantFrom([], [], ['ARG GLOBAL=1'], ['# syntax=docker/dockerfile:1', 'ARG GLOBAL', ''], ['# escape=`'], ['# a file', '', 'ARG TAG=12', 'ARG GLOBAL=$TAG']),
  from: fc.constantFrom('FROM debian:12', 'FROM debian:12 AS shared', 'FROM debian:12 AS final', 'FROM debian:12 AS base', 'FROM --platform=linux/amd64 debian:12', 'from debian:12', 'FROM debian:${TAG:-12}'),
  first: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(shared, { maxLength: 3 }).map((lines) => ['FROM busybox AS tools', ...lines])),
  prefix: fc.array(shared, { minLength: 1, maxLength: 7 }), siblings: fc.array(sibling, { minLength: 2, maxLength: 3 }), definitions: fc.constantFrom('none', 'bake', 'compose', 'ignored'), builds: fc.array(build, { minLength: 3, maxLength: 3 }),
  inOne: fc.boolean(),
}).map(({ head, from, first, prefix, siblings, definitions, builds, inOne }) => {
  const files = new Map<string, string>([['a.txt', 'a'], ['own.txt', 'own'], ['sub/a.txt', 'sub']]);
  if (inOne) {
    const lines = [...head, ...first, ...siblings.flatMap(({ lines: rest, stages }, i) => [`${from.replace(/ AS .*/, '')} AS s${i}`, ...prefix, ...rest, ...stages.flat()])];
    files.set('Dockerfile', text(lines, siblings[0]));
    return files;
  }
  siblings.forEach((one, i) => {
    const [begin, ...rest] = prefix;
    files.set(`Dockerfile.s${i}`, text([...head, ...first, from, begin, ...one.between, ...rest, ...one.lines, ...one.stages.flat()], one));
  });
  if (definitions === 'bake') files.set('docker-bake.json', JSON.stringify({ target: Object.fromEntries(siblings.map((_, i) => [`s${i}`, { dockerfile: builds[i].context === '.' ? `Dockerfile.s${i}` : `../Dockerfile.s${i}`, context: builds[i].context, args: builds[i].args }])) }));
  if (definitions === 'compose') files.set('compose.yaml', `services:\n${siblings.map((_, i) => `  s${i}:\n    build:\n      context: ./${builds[i].context}\n      dockerfile: ${builds[i].context === '.' ? '' : '../'}Dockerfile.s${i}\n      args: ${JSON.stringify(builds[i].args)}\n`).join('')}`);
  if (definitions === 'ignored') files.set('Dockerfile.s0.dockerignore', '*.md\n');
  return files;
});

function text(lines: readonly string[], { lineBreak, ends }: Sibling): string {
  return lines.join('\n').replaceAll('\n', lineBreak) + (ends ? lineBreak : '');
}

test('an extraction is refused, or every image stays as it is', () => {
  const made = new Map<string, number>();
  fc.assert(fc.property(family, (files) => {
    const project = projectOf(files);
    for (const candidate of familiesOf(project.dockerfiles, project).flatMap(({ candidates }) => candidates)) {
      for (const way of ways) {
        const extraction = extractionOf(candidate, way, project);
        const outcome = 'refused' in extraction ? `${way} ${extraction.rule}` : way;
        made.set(outcome, (made.get(outcome) ?? 0) + 1);
        if ('refused' in extraction) continue;
        for (const registry of [plain, full]) expect(differences(project, extraction, registry)).toEqual([]);
        for (const { before, after } of extraction.changes) if (before !== undefined && after !== undefined && !before.includes('\r')) expect(after).not.toContain('\r');
        expect(putBack(project, extraction)).toEqual([]);
      }
    }
  }), { numRuns: Number(process.env.RUNS ?? 150), ...(process.env.SEED !== undefined && { seed: Number(process.env.SEED) }) });
  if (process.env.RUNS !== undefined) console.log([...made].toSorted().map(([outcome, count]) => `${outcome}: ${count}`).join('\n'));
});

const loose = fc.tuple(fc.constantFrom('FROM debian:12', 'FROM node:20', 'FROM alpine'), fc.array(own, { maxLength: 6 }), fc.option(stage, { freq: 4, nil: [] })).map(([from, lines, more]) => [from, ...lines, ...more].join('\n'));
const many: fc.Arbitrary<Files> = fc.tuple(family, fc.array(loose, { maxLength: 8 })).map(([files, others]) => new Map([...files, ...others.map((one, i): [string, string] => [`x${i}/Dockerfile`, one])]));

test('groups do not depend on the order of files, nor on when they came', () => {
  fc.assert(fc.property(many, fc.infiniteStream(fc.nat(1000)), fc.nat(30), (files, numbers, askedAfter) => {
    const project = projectOf(files);
    const order = project.dockerfiles.map((file) => ({ file, at: numbers.next().value })).toSorted((a, b) => a.at - b.at).map(({ file }) => file);
    const expected = groupsOf(filled(project, project.dockerfiles));
    expect(groupsOf(filled(project, order))).toEqual(expected);
    // Asked in between, with an older text of some, and with files that go again.
    const siblings = openSiblings();
    order.forEach((file, i) => {
      const other = order[(numbers.next().value) % order.length];
      if (i % 3 === 0) put(siblings, project, file, project.text(other) ?? '');
      if (i === askedAfter % order.length) siblings.groups();
      put(siblings, project, file, project.text(file) ?? '');
      if (i % 4 === 1) {
        siblings.set(other, undefined, '');
        put(siblings, project, 'gone/Dockerfile', project.text(other) ?? '');
      }
    });
    siblings.set('gone/Dockerfile', undefined, '');
    for (const file of order) put(siblings, project, file, project.text(file) ?? '');
    expect(groupsOf(siblings)).toEqual(expected);
    for (const file of order) expect(siblings.groupsOf(file).map(namesIn).toSorted()).toEqual(expected.filter((group) => group.some((name) => name.startsWith(`${file} `))).map(String).toSorted());
  }), { numRuns: Number(process.env.RUNS ?? 100) });
});

test('a family stays as it is where unrelated files come', () => {
  fc.assert(fc.property(family, (files) => {
    const project = projectOf(files);
    const unrelated = new Map([...files, ...Array.from({ length: 3 }, (_, i): [string, string] => [`other${i}/Dockerfile`, `FROM scratch\nRUN unlike ${'abc'[i]}\nRUN another ${'xyz'[i]}\n`])]);
    const more = projectOf(unrelated);
    expect(familiesOf(more.dockerfiles, more).map(({ id }) => id).toSorted()).toEqual(familiesOf(project.dockerfiles, project).map(({ id }) => id).toSorted());
  }), { numRuns: 40 });
});

function filled(project: Project, files: readonly string[]): Siblings {
  const siblings = openSiblings();
  for (const file of files) put(siblings, project, file, project.text(file) ?? '');
  return siblings;
}

function put(siblings: Siblings, project: Project, file: string, written: string): void {
  const { shape, context } = shapedFile(file, written, project);
  siblings.set(file, shape, context);
}

function groupsOf(siblings: Siblings): string[][] {
  return siblings.groups().map((group) => group.map(({ member: { file, stage: index } }) => `${file} ${index}`).toSorted()).toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
}

function namesIn(group: ReturnType<Siblings['groups']>[number]): string {
  return String(group.map(({ member: { file, stage: index } }) => `${file} ${index}`).toSorted());
}
