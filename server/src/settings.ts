/** What a user has set, read from whatever the client sends: a setting that is none is as if it were not there. */
import { builderOf } from './core/builder';
import type { Facts } from './core/build/model';
import { defaultFloor, type RuleSettings } from './core/rules/check';
import { say, type Said } from './core/say';
import { ruleSettingsOf } from './configuration';

export interface Settings {
  readonly hints: { readonly layers: boolean; readonly from: boolean; readonly metadata: boolean; readonly cache: boolean; readonly shared: boolean; readonly sizes: boolean };
  readonly codeLens: boolean;
  /** `auto`: the last commit where it is known. */
  readonly baseline: 'auto' | 'opened';
  /** The title of the build that is shown, where a file has several; the first where there is none of that title. */
  readonly build: string | undefined;
  readonly outline: boolean;
  /** `auto`: the images of the local engine are looked at, in a trusted workspace. */
  readonly engine: 'auto' | 'off';
  /** The image that a file was built to, where the project does not say so. */
  readonly image: string | undefined;
  readonly rules: RuleSettings;
  /** Bytes that a step wastes at least to be a finding. */
  readonly floor: number;
  readonly facts: Facts;
  /** What is wrong with them, each in one line. */
  readonly complaints: readonly Said[];
}

/** `dockerDx`: the extension is there that has a hint of its own on FROM; `outlined`: one that has an outline. */
export function settingsOf(sent: unknown, platform: Facts['platform']): Settings {
  const root = fieldsOf(sent);
  const hints = fieldsOf(root.hints);
  const dockerDx = root.dockerDx === true;
  const shown = hints.enabled !== false;
  const complaints: Said[] = [];
  const builder = typeof root.builder === 'string' && root.builder !== '' ? builderOf(root.builder) : undefined;
  if (!builder && typeof root.builder === 'string' && root.builder !== '') {
    complaints.push(say('strata.builder: "{0}" is no builder we know (head, v0.25, docker-28.5); taken for head', root.builder));
  }
  const rules = ruleSettingsOf(root.rules, complaints);
  const target = typeof root.target === 'string' && root.target !== '' ? root.target : undefined;
  return {
    hints: {
      layers: shown && hints.layers !== false,
      from: shown && (switchOf(hints.from) ?? !dockerDx),
      metadata: shown && hints.metadata === true,
      cache: shown && hints.cache !== false,
      shared: shown && hints.shared !== false,
      sizes: shown && hints.sizes !== false,
    },
    codeLens: fieldsOf(root.codeLens).enabled !== false,
    baseline: fieldsOf(root.cache).baseline === 'opened' ? 'opened' : 'auto',
    build: typeof root.build === 'string' && root.build !== '' ? root.build : undefined,
    outline: switchOf(root.outline) ?? root.outlined !== true,
    engine: root.engine === 'off' ? 'off' : 'auto',
    image: typeof root.image === 'string' && root.image !== '' ? root.image : undefined,
    rules,
    floor: typeof root.wasteFloor === 'number' && root.wasteFloor >= 0 ? root.wasteFloor * 1_000_000 : defaultFloor,
    facts: { builder, target, platform, buildArgs: textsOf(root.buildArgs) },
    complaints,
  };
}

/** Undefined: `auto`. */
function switchOf(value: unknown): boolean | undefined {
  if (value === 'on' || value === true) return true;
  return value === 'off' || value === false ? false : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textsOf(value: unknown): Record<string, string> {
  const texts = Object.entries(fieldsOf(value)).filter(([, text]) => ['string', 'number', 'boolean'].includes(typeof text));
  return Object.fromEntries(texts.map(([name, text]) => [name, String(text)]));
}
