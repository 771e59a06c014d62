/** A build definition in the words of the analysis: its facts, its name for people, and what a Dockerfile takes of its context. */
import { analyze } from '../../core/analyze';
import type { Analysis, Facts, NamedContext } from '../../core/build/model';
import type { BuildDefinition, ContextSource } from './definition';

/** As a user would call it; empty where no file says so. */
export function titleOf({ source, name, file }: BuildDefinition): string {
  switch (source) {
    case 'folder': return '';
    case 'compose': return `service ${name} of ${file}`;
    case 'bake': return `target ${name} of ${file}`;
    case 'devcontainer': return file;
    case 'workflow': case 'script': return name === '' ? file : `${name} in ${file}`;
  }
}

/** What the user has set goes before what the project says. */
export function factsOf({ target, args, contexts, platforms }: BuildDefinition, set: Facts): Facts {
  const named = Object.entries(contexts).map(([name, source]): [string, NamedContext] => [name.toLowerCase(), { folder: isFolder(source) }]);
  return {
    ...set,
    target: set.target ?? target ?? undefined,
    buildArgs: { ...args, ...set.buildArgs },
    ...(named.length > 0 && { contexts: { ...Object.fromEntries(named), ...set.contexts } }),
    ...(platforms.length === 1 && set.platform && { platform: { ...set.platform, target: platforms[0], assumed: false } }),
  };
}

function isFolder({ kind }: ContextSource): boolean {
  return kind === 'folder' || kind === 'remote';
}

/** What COPY and ADD name, but for other stages' files. */
export function sourcesIn(text: string): string[] {
  return sourcesOfCommands(analyze(text).commands);
}

export function sourcesOfCommands(commands: Analysis['commands']): string[] {
  return commands.flatMap((command) =>
    ((command.kind === 'COPY' || command.kind === 'ADD') && !command.flags.from ? command.sources.map((source) => source.text) : []));
}
