/** A change, and the builds that it reaches: of one document, or of every Dockerfile of the workspace, open or not. */
import type { CancellationToken } from 'vscode-languageserver';
import { analyze } from './core/analyze';
import { buildAfter } from './features/what-if';
import type { WhatIfAnswer, WhatIfBuild, WhatIfParams } from './protocol';
import type { Reading, Session } from './session';

/** Null where it reaches none. */
export async function whatIfIn(session: Session, { textDocument, change }: WhatIfParams, token: CancellationToken): Promise<WhatIfAnswer | null> {
  const builds: WhatIfBuild[] = [];
  let said: string | undefined;
  for await (const reading of textDocument ? one(textDocument.uri) : all()) {
    if (token.isCancellationRequested) return null;
    const path = change.kind === 'file' ? reading.inside(change.uri, reading.builds[0]) : undefined;
    const found = buildAfter(reading, change, path);
    if (!found) continue;
    said ??= found.what;
    builds.push(found.build);
  }
  return said === undefined ? null : { change: said, builds };

  async function* one(uri: string): AsyncGenerator<Reading> {
    const reading = await session.read(uri, token);
    if (reading) yield reading;
  }

  async function* all(): AsyncGenerator<Reading> {
    const { project } = session;
    const found = new Set([...session.open(), ...((await project?.dockerfiles()) ?? [])]);
    for (const uri of [...found].sort()) {
      if (token.isCancellationRequested) return;
      if (change.kind === 'file') {
        if (!project?.reaches(uri, change.uri)) continue;
        // Its context may have to be read first.
        await session.readOrLoad(uri, token);
        await project.settled();
      }
      const reading = await session.readOrLoad(uri, token);
      if (reading) yield* eachBuild(reading);
    }
  }
}

/** The same document, each of its builds in use in turn. */
function* eachBuild(reading: Reading): Generator<Reading> {
  yield reading;
  const { builds, document } = reading;
  for (const build of builds.slice(1)) {
    yield { ...reading, builds: [build, ...builds.filter((other) => other !== build)], analysis: analyze(document.getText(), build.facts), baseline: undefined };
  }
}
