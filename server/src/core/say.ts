/**
 * What a user reads, in the user's language. An English sentence with `{0}` for each value is looked up in a bundle as VS Code has it
 * (`l10n/bundle.l10n.fr.json`); where there is none, the English is said. The bundle is the one thing in the core that is no
 * argument: set once for the process by whoever serves an editor, before anything is analysed. The command line sets none.
 */

declare const said: unique symbol;

/** A text in the user's language. Where one is asked for, the compiler refuses a bare English text. */
export type Said = string & { readonly [said]: true };

/** English sentence → translation. */
export type Bundle = Readonly<Record<string, string>>;

/** A text that can be found in the source as it is. */
type Literal<Text extends string> = string extends Text ? never : Text;

let translations: Bundle = {};
let plurals = new Intl.PluralRules('en');
/** Undefined: not asked for yet. To ask takes a machine some 15 ms, which is much at a start. */
let point: string | undefined = '.';
let spoken = 'en';

/** Without a bundle, English. */
export function speak(bundle: Bundle = {}, language = 'en'): void {
  translations = bundle;
  plurals = new Intl.PluralRules(language);
  point = language === 'en' ? '.' : undefined;
  spoken = language;
}

/** A whole sentence, or a whole label: pieces that are glued together fall apart in another language. */
export function say<Text extends string>(message: Literal<Text>, ...values: readonly (string | number)[]): Said {
  const text = Object.hasOwn(translations, message) ? translations[message] : message;
  return verbatim(text.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place)));
}

/** For one and for several, as the language counts: `{0}` is the number, and French says "0 couche". */
export function counted<One extends string, Several extends string>(number: number, one: Literal<One>, several: Literal<Several>, ...values: readonly (string | number)[]): Said {
  return say<string>((plurals.select(number) === 'one' ? one : several) as never, number, ...values);
}

/** What is the same in every language: names, paths, code, and texts that were said already, put together. */
export function verbatim(text: string): Said {
  return text as Said;
}

/** The parts that there are, one after the other. */
export function joined(parts: readonly (Said | undefined)[], by: string): Said {
  return verbatim(parts.filter((part) => part !== undefined && part !== '').join(by));
}

/** A number's digits with the language's decimal point. */
export function decimal(digits: string): string {
  point ??= new Intl.NumberFormat(spoken).format(0.5).charAt(1);
  return digits.replace('.', point);
}
