/** The rules, one line each. */
import { argChangesEarly } from './arg-changes-early';
import { contextTakesUnneeded } from './context-takes-unneeded';
import { copyBeforeInstall } from './copy-before-install';
import { copyBeforePackages } from './copy-before-packages';
import { copyWiderThanRead } from './copy-wider-than-read';
import { remoteChangeHidden } from './remote-change-hidden';
import type { Rule } from './rule';

export const rules: readonly Rule[] = [
  copyBeforeInstall,
  copyBeforePackages,
  argChangesEarly,
  contextTakesUnneeded,
  copyWiderThanRead,
  remoteChangeHidden,
];

/** Where a rule is explained. */
export function pageOf(rule: string): string {
  return `https://github.com/strata-layers/strata/blob/main/server/src/core/rules/${rule}.md`;
}
