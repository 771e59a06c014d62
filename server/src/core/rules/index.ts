/** The rules, one line each. */
import { argChangesEarly } from './arg-changes-early';
import { contextTakesUnneeded } from './context-takes-unneeded';
import { copiedAgain } from './copied-again';
import { copyBeforeInstall } from './copy-before-install';
import { copyBeforePackages } from './copy-before-packages';
import { copyWiderThanRead } from './copy-wider-than-read';
import { deletedLater } from './deleted-later';
import { driftedStep } from './drifted-step';
import { duplicate } from './duplicate';
import { leftOver } from './left-over';
import { overwritten } from './overwritten';
import { remoteChangeHidden } from './remote-change-hidden';
import type { Rule } from './rule';
import { sharedSteps } from './shared-steps';

export const rules: readonly Rule[] = [
  copyBeforeInstall,
  copyBeforePackages,
  argChangesEarly,
  contextTakesUnneeded,
  copyWiderThanRead,
  remoteChangeHidden,
  sharedSteps,
  driftedStep,
  deletedLater,
  copiedAgain,
  overwritten,
  duplicate,
  leftOver,
];

/** Where a rule is explained. */
export function pageOf(rule: string): string {
  return `https://github.com/strata-layers/strata/blob/main/server/src/core/rules/${rule}.md`;
}
