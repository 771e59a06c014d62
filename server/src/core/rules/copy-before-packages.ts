/** Packages asked for by name, installed after source was copied: they need none of it. */
import { hoistsOf } from '../order/hoist';
import { fixesOf } from './copy-before-install';
import { say } from '../say';
import { headOf } from './place';
import type { Draft, Rule } from './rule';

export const copyBeforePackages: Rule = {
  name: 'copy-before-packages',
  finds: () => say('Packages that are asked for by name are installed after source was copied'),
  severity: 'information',
  find: (input) => input.analysis.stages.flatMap((stage) => (stage.replaced ? [] : hoistsOf(input.analysis, stage, input.context, input.project))).flatMap((hoist): Draft[] => {
    // A copy to the root or into the system may configure what is installed.
    if (hoist.packages.length === 0 || hoist.copies.some(({ dest }) => dest === '/' || /^\/(?:etc|usr\/(?!src\b)|var\/lib|lib|bin|sbin|root|tmp)\b/.test(dest))) return [];
    const fixes = fixesOf(input, hoist);
    if (fixes.length === 0) return [];
    const copy = hoist.copies[0];
    // Corepack looks into package.json for the version of the package manager.
    const asksManifest = /\bcorepack\b/.test(input.analysis.dockerfile.text);
    return hoist.packages.filter((run) => !asksManifest || !run.commands.some(({ command }) => /^(?:pnpm|yarn)$/.test(command.words[0]?.text ?? ''))).map((run) => {
      const title = run.commands.map(({ reading }) => (reading.does === 'packages' ? reading.title : '')).find((one) => one !== '') ?? '';
      return {
        span: headOf(input.analysis, run.step.instruction),
        message: say('`{0}` runs again whenever a file changes that line {1} copies, and needs none of them.', title, copy.step.line ?? '?'),
        related: [{ span: headOf(input.analysis, copy.step.instruction), message: say('The copy that it has to wait for.') }],
        fixes,
      };
    });
  }),
};
