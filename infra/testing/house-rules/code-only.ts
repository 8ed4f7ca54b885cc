/**
 * TypeScript with its comments and the insides of its strings blanked out, line numbers kept: rules about code must not
 * speak about words. A scanner, not a parser: it knows quotes, templates, comments, and where a slash begins a pattern.
 */
export function codeOnly(text: string, { keepStrings = false } = {}): string {
  const code = [...text];
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at++) if (text[at] !== '\n') code[at] = ' ';
  };
  for (const { kind, from, to } of wordsOf(text)) if (!(keepStrings && kind === 'string')) blank(from, to);
  return code.join('');
}

interface Span {
  readonly kind: 'comment' | 'string' | 'pattern';
  readonly from: number;
  /** The index after its last character. */
  readonly to: number;
}

function wordsOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  /** Scans code up to the end, or in a template's `${…}` up to the brace that closes it. @returns where it stopped. */
  const scan = (start: number, inTemplate: boolean): number => {
    let depth = 0;
    let at = start;
    while (at < text.length) {
      const span = spanAt(text, at);
      if (span !== undefined) {
        spans.push(span);
        at = span.to;
        continue;
      }
      const character = text[at];
      if (character === '`') {
        at = template(at);
        continue;
      }
      if (character === '{') depth++;
      if (character === '}' && --depth < 0 && inTemplate) return at;
      at++;
    }
    return at;
  };
  /** @returns the index after the closing backtick. */
  const template = (start: number): number => {
    let from = start;
    for (;;) {
      const to = endOfTemplatePart(text, from);
      spans.push({ kind: 'string', from, to });
      if (!text.startsWith('${', to)) return to;
      from = scan(to + 2, true);
    }
  };
  scan(0, false);
  return spans;
}

function spanAt(text: string, from: number): Span | undefined {
  const character = text[from];
  if (character === "'" || character === '"') return { kind: 'string', from, to: endOfQuoted(text, from, character) };
  if (character !== '/') return undefined;
  const next = text[from + 1];
  if (next === '/') return { kind: 'comment', from, to: endOr(text, text.indexOf('\n', from)) };
  if (next === '*') return { kind: 'comment', from, to: endOr(text, text.indexOf('*/', from), 2) };
  if (!patternMayBegin(text.slice(Math.max(0, from - 80), from))) return undefined;
  return { kind: 'pattern', from, to: endOfPattern(text, from) };
}

function endOr(text: string, index: number, extra = 0): number {
  return index === -1 ? text.length : index + extra;
}

/** @returns the index after the closing quote. */
function endOfQuoted(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

/** @param start at the opening backtick, or at the brace that ends an inserted expression. */
function endOfTemplatePart(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    if (text[at] === '`') return at + 1;
    if (text.startsWith('${', at)) return at;
    at += text[at] === '\\' ? 2 : 1;
  }
  return text.length;
}

/** A slash after a value divides; after anything else it begins a regular expression. */
function patternMayBegin(before: string): boolean {
  const last = before.trimEnd();
  return (
    last === '' || /[=(,:[!&|?{};+\-*%<>~^]$/.test(last) || /\b(?:return|typeof|case|in|of|await|yield)$/.test(last)
  );
}

function endOfPattern(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\n') return start + 1; // a division after all
    if (character === '\\') at++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return at + 1;
  }
  return text.length;
}
