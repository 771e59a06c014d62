/**
 * The commands in a RUN, as a POSIX shell would split them: words with their quotes taken off, and how each command follows
 * the one before. It reads as far as rules need it: what is compound (`if`, `for`, `$(…)`, `{ … }`) is marked so, not understood.
 */
import type { Instruction } from './dockerfile';

export interface ShellWord {
  readonly text: string;
  /** False where the shell puts something in: a variable, a command's output, a `~`. */
  readonly literal: boolean;
}

export interface ShellCommand {
  /** Assignments before the command are not among them. */
  readonly words: readonly ShellWord[];
  /** `NAME=value` before the command. */
  readonly assignments: readonly ShellWord[];
  /** Targets of `>`, `<` and the like. */
  readonly redirects: readonly ShellWord[];
  readonly joined: 'first' | '&&' | '||' | ';' | '|' | '&';
  /** Within something compound, or where a command of another kind (`if`, `function`) stands. */
  readonly nested: boolean;
  /** Offsets in the text that was read. */
  readonly start: number;
  readonly end: number;
}

export interface Shell {
  readonly commands: readonly ShellCommand[];
  /** Nothing compound, no pipe, no `||`, no `&`: each command runs where those before it ended well. */
  readonly plain: boolean;
}

const reserved = new Set(['if', 'then', 'else', 'elif', 'fi', 'for', 'while', 'until', 'do', 'done', 'case', 'esac', '{', '}', '!', 'function', 'select', 'time', '[[']);

/** `continued`: a Dockerfile's own lines, joined by `\` at their ends, comment lines among them. */
export function readShell(text: string, continued = false): Shell {
  const commands: ShellCommand[] = [];
  let plain = true;
  let depth = 0;
  let at = 0;
  let joined: ShellCommand['joined'] = 'first';
  let words: ShellWord[] = [];
  let assignments: ShellWord[] = [];
  let redirects: ShellWord[] = [];
  let redirecting = false;
  let start = -1;
  let end = 0;
  let compound = 0;

  while (at < text.length) {
    const ch = text[at];
    if (ch === '\\' && isLineEnd(at + 1)) at = text.indexOf('\n', at) + 1 || text.length;
    else if (ch === '\n') {
      if (!continued) finish(';');
      at++;
      if (continued) skipComments();
    } else if (ch === ' ' || ch === '\t' || ch === '\r') at++;
    else if (ch === '#') {
      if (continued && !atLineStart(at)) break;
      at = text.indexOf('\n', at);
      if (at === -1) break;
      if (continued) at++;
    } else if (text.startsWith('&&', at)) operator('&&', 2);
    else if (text.startsWith('||', at)) operator('||', 2);
    else if (text.startsWith(';;', at)) operator(';', 2);
    else if (ch === ';') operator(';', 1);
    else if (ch === '|') operator('|', text[at + 1] === '&' ? 2 : 1);
    else if (ch === '&' && text[at + 1] !== '>') operator('&', 1);
    else if (ch === '(' || ch === ')') {
      plain = false;
      finish(';');
      depth = Math.max(0, depth + (ch === '(' ? 1 : -1));
      at++;
    } else if (ch === '>' || ch === '<' || (ch === '&' && text[at + 1] === '>') || (/\d/.test(ch) && /^\d+[<>]/.test(text.slice(at, at + 4)))) {
      const operatorText = /^(?:\d*(?:<<-|<<<|<<|>>|>\||<>|>&|<&|>|<)|&>>?)/.exec(text.slice(at, at + 6))?.[0] ?? ch;
      if (start === -1) start = at;
      if (operatorText.includes('<<')) plain = false;
      at += operatorText.length;
      end = at;
      redirecting = true;
    } else word();
  }
  finish(';');
  return { commands, plain: plain && commands.every((command) => !command.nested && command.joined !== '||' && command.joined !== '|' && command.joined !== '&') };

  function isLineEnd(from: number): boolean {
    return /^[ \t]*\r?(?:\n|$)/.test(text.slice(from, from + 200)) && (text[from] === '\n' || text[from] === '\r' || continued || from >= text.length);
  }

  function atLineStart(from: number): boolean {
    return text.slice(text.lastIndexOf('\n', from - 1) + 1, from).trim() === '';
  }

  /** Comment and blank lines among continued ones. */
  function skipComments(): void {
    for (;;) {
      const line = /^[ \t\r]*(?:#[^\n]*)?\n/.exec(text.slice(at, at + 2000));
      if (!line) return;
      at += line[0].length;
    }
  }

  function operator(kind: ShellCommand['joined'], length: number): void {
    finish(kind);
    joined = kind;
    if (kind === '||' || kind === '|' || kind === '&') plain = false;
    at += length;
  }

  function finish(next: ShellCommand['joined']): void {
    if (start !== -1) {
      const first = words[0];
      const isReserved = first !== undefined && first.literal && reserved.has(first.text);
      if (isReserved && ['if', 'for', 'while', 'until', 'case', '{', 'select'].includes(first.text)) compound++;
      commands.push({ words, assignments, redirects, joined, nested: depth > 0 || compound > 0 || isReserved, start, end });
      if (isReserved && ['fi', 'done', 'esac', '}'].includes(first.text)) compound = Math.max(0, compound - 1);
      if (isReserved) plain = false;
      joined = next;
    }
    words = [];
    assignments = [];
    redirects = [];
    redirecting = false;
    start = -1;
  }

  function word(): void {
    if (start === -1) start = at;
    let value = '';
    let literal = true;
    let quoted = false;
    while (at < text.length) {
      const ch = text[at];
      if (ch === '\\') {
        if (isLineEnd(at + 1)) {
          at = text.indexOf('\n', at) + 1 || text.length;
          if (continued) skipComments();
          continue;
        }
        value += text[at + 1] ?? '';
        at += 2;
      } else if (ch === "'") {
        const close = text.indexOf("'", at + 1);
        value += text.slice(at + 1, close === -1 ? undefined : close);
        at = close === -1 ? text.length : close + 1;
        quoted = true;
      } else if (ch === '"') {
        quoted = true;
        at++;
        while (at < text.length && text[at] !== '"') {
          if (text[at] === '\\') {
            if (text[at + 1] === '\n') at += 2;
            else {
              value += /["\\$`]/.test(text[at + 1] ?? '') ? text[at + 1] : text.slice(at, at + 2);
              at += 2;
            }
          } else if (text[at] === '$' || text[at] === '`') substitution();
          else value += text[at++];
        }
        at++;
      } else if (ch === '$' || ch === '`') substitution();
      else if (/[ \t\r\n;&|()<>]/.test(ch)) break;
      else {
        if (ch === '~' && value === '') literal = false;
        value += ch;
        at++;
      }
    }
    end = Math.min(at, text.length);
    const made = { text: value, literal };
    if (redirecting) {
      redirects.push(made);
      redirecting = false;
    } else if (words.length === 0 && !quoted0() && /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(value)) assignments.push(made);
    else words.push(made);

    function quoted0(): boolean {
      return quoted && !value.includes('=');
    }

    function substitution(): void {
      literal = false;
      const from = at;
      if (text[at] === '`') {
        const close = text.indexOf('`', at + 1);
        at = close === -1 ? text.length : close + 1;
        plain = false;
      } else if (text[at + 1] === '(') {
        at = closing(at + 1, '(', ')');
        plain = false;
      } else if (text[at + 1] === '{') at = closing(at + 1, '{', '}');
      else at += /^\$(?:[A-Za-z_][A-Za-z0-9_]*|.)?/s.exec(text.slice(at, at + 300))?.[0].length ?? 1;
      value += text.slice(from, at);
    }
  }

  /** Past the bracket that closes the one at `from`. */
  function closing(from: number, open: string, close: string): number {
    let level = 0;
    for (let i = from; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === open) level++;
      else if (text[i] === close && --level === 0) return i + 1;
    }
    return text.length;
  }
}

const cache = new WeakMap<Instruction, Shell>();

/**
 * What a RUN runs. Offsets are into `source`, where its commands stand in the file; a heredoc's are into its body, and an
 * exec form's into nothing. Undefined where it is not a shell's: PowerShell, a heredoc for another program.
 */
export function shellOfRun(instruction: Instruction, source: string): Shell | undefined {
  const known = cache.get(instruction);
  if (known) return known;
  const shell = read(instruction, source);
  if (shell) cache.set(instruction, shell);
  return shell;
}

function read({ form, args, heredocs, commandSpan, flags, keywordSpan }: Instruction, source: string): Shell | undefined {
  if (form === 'exec') {
    const texts = args.map(({ text }) => text);
    if (/(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(texts[0] ?? '') && /^-[a-z]*c$/.test(texts[1] ?? '')) return readShell(texts[2] ?? '');
    const command: ShellCommand = { words: texts.map((text) => ({ text, literal: true })), assignments: [], redirects: [], joined: 'first', nested: false, start: 0, end: 0 };
    return { commands: [command], plain: true };
  }
  if (heredocs.length > 0) {
    const [{ content }] = heredocs;
    if (heredocs.length > 1 || !/^<<-?\s*["']?[\w-]+["']?$/.test(args[0]?.text ?? '')) return undefined;
    if (content.startsWith('#!') && !/^#!\s*\S*(?:\/|\s)(?:ba|da|a|z)?sh\b/.test(content)) return undefined;
    return readShell(content);
  }
  const start = flags.length > 0 ? flags[flags.length - 1].span.end : keywordSpan.end;
  const shell = readShell(source.slice(start, commandSpan.end), true);
  return { ...shell, commands: shell.commands.map((command) => ({ ...command, start: command.start + start, end: command.end + start })) };
}
