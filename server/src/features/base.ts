/** What an image below has set for all that is built on it, as a Dockerfile would say it. */
import type { Base, BaseImage } from '../core/build/model';
import { counted, joined, say, verbatim, type Said } from '../core/say';
import { codeBlock, cut } from './markdown';

const mostLines = 12;
const longestLine = 100;

/** Empty where nobody knows the image, or it sets nothing. */
export function baseSets(base: Base): Said {
  const image = base.kind === 'image' || base.kind === 'context' ? base.image : undefined;
  if (!image) return verbatim('');
  const lines = linesOf(image.config);
  if (lines.length === 0) return verbatim('');
  const shown = lines.slice(0, mostLines).map((line) => cut(line.replace(/\s+/g, ' '), longestLine));
  const more = lines.length > shown.length ? [counted(lines.length - shown.length, '# and {0} more line', '# and {0} more lines')] : [];
  return joined([say('It sets:'), codeBlock([...shown, ...more].join('\n'), 'dockerfile')], '\n\n');
}

/** Triggers first: they run where the image is built upon. Fields of the config that are no instruction's are left out. */
function linesOf({ OnBuild, Env, WorkingDir, User, Shell, Entrypoint, Cmd, ExposedPorts, Volumes, StopSignal }: BaseImage['config']): string[] {
  const list = (name: string, value: unknown): string[] => (Array.isArray(value) && value.length > 0 ? [`${name} ${JSON.stringify(value)}`] : []);
  const text = (name: string, value: unknown): string[] => (typeof value === 'string' && value !== '' ? [`${name} ${value}`] : []);
  const keys = (name: string, value: unknown): string[] => (typeof value === 'object' && value !== null && Object.keys(value).length > 0 ? [`${name} ${Object.keys(value).join(' ')}`] : []);
  return [
    ...(Array.isArray(OnBuild) ? OnBuild.flatMap((trigger) => text('ONBUILD', trigger)) : []), ...text('USER', User), ...text('WORKDIR', WorkingDir), ...list('SHELL', Shell), ...list('ENTRYPOINT', Entrypoint), ...list('CMD', Cmd),
    ...keys('EXPOSE', ExposedPorts), ...keys('VOLUME', Volumes), ...text('STOPSIGNAL', StopSignal), ...(Array.isArray(Env) ? Env.flatMap((pair) => text('ENV', pair)) : []),
  ];
}
