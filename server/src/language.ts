/** In which language a client is answered: that of the bundle which it brings, as VS Code does, or of ours for the language that it names. */
import type { InitializeParams } from 'vscode-languageserver';
import { speak, type Bundle } from './core/say';

/** `bundleOf`: what is at hand beside the server, by language (`fr`). */
export function speakTo({ locale = 'en', initializationOptions }: Pick<InitializeParams, 'locale' | 'initializationOptions'>, bundleOf: (language: string) => Bundle | undefined = () => undefined): void {
  const [named = 'en'] = /^[a-z]{2,3}(?![a-z])/i.exec(locale) ?? [];
  const language = named.toLowerCase();
  const bundle = bundleIn(initializationOptions) ?? (language === 'en' ? undefined : bundleOf(language));
  speak(bundle, bundle && language);
}

function bundleIn(options: unknown): Bundle | undefined {
  const { l10n } = (options ?? {}) as { readonly l10n?: unknown };
  if (typeof l10n !== 'object' || l10n === null) return undefined;
  return Object.fromEntries(Object.entries(l10n).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
