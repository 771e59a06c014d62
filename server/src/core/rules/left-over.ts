/** Package lists and caches that a step leaves in its layer. What is offered takes them out of the image, and says so. */
import type { Step } from '../build/model';
import { mountOf } from '../build/mounts';
import { joinPath } from '../build/path';
import { sizeText } from '../image/size-text';
import type { Loss } from '../image/losses';
import { cleanUps } from '../order/clean-up';
import type { Fix } from './finding';
import { counted, say } from '../say';
import { draftsOf, wroteThem } from './lost';
import type { Rule, RuleInput } from './rule';
import { listed } from './words';

export const leftOver: Rule = {
  name: 'left-over',
  finds: () => say('Package lists and caches stay in a layer'),
  severity: 'information',
  find: (input) => draftsOf(input, 'left-over', ({ items }, size) => say('{0} of package lists and caches stay in this layer: {1}. Nothing reads them when the image runs.', size, listed(items.map(({ path }) => `/${path}`), 6)), wroteThem, (loss) => fixes(input, loss), ({ by, items }) => !items.some(({ path }) => isMounted(by, path))),
};

/** The image is from before the mount: its history does not tell of mounts. */
function isMounted({ command }: Step, path: string): boolean {
  return command.kind === 'RUN' && command.mounts.some(({ text }) => {
    const mount = mountOf(text, (value) => value);
    return !('error' in mount) && `/${path}/`.startsWith(`${joinPath('/', mount.target)}/`);
  });
}

function fixes({ analysis, losses }: RuleInput, { by, bytes, items }: Loss): Fix[] {
  if (!losses) return [];
  return cleanUps(analysis, by, items.map(({ path }) => path), losses).map(({ how, edits, gone }): Fix => ({
    title: how === 'delete' ? counted(gone.length, 'Delete them in the same step: saves {1}, {2} leaves the image', 'Delete them in the same step: saves {1}, {2} leave the image', sizeText(bytes), listed(gone, 6))
      : counted(gone.length, 'Keep them in a cache mount: saves {1}, {2} leaves the image', 'Keep them in a cache mount: saves {1}, {2} leave the image', sizeText(bytes), listed(gone, 6)),
    safe: false, saves: bytes, edits,
  }));
}
