/** Chooses among things; what is chosen each time is up to whoever gives it. */
export interface Choice {
  /** A whole number from 0 up to, not including, a limit. */
  below(limit: number): number;
}

/** Always the first of everything: the shortest text, the same each time. */
export const FIRST_CHOICE: Choice = { below: () => 0 };

/** How often `*` and `+` repeat at most. */
const MAX_REPEATS = 3;
/** What stands for a class that means many letters, such as `\p{L}` and `.`. */
const LETTERS = ['a', 'b', '7', '网'];
const DIGITS = [...'0123456789'];
const WORD = [...'abcxyz019_'];

type Node =
  | { readonly kind: 'set'; readonly characters: readonly string[] }
  | { readonly kind: 'choice'; readonly branches: readonly (readonly Node[])[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number };

/**
 * A text that a regular expression matches, for the expressions that our schemas use: literals, classes, groups,
 * alternatives and quantifiers between `^` and `$`.
 *
 * @throws Error for what it does not know, such as look-around and back references
 */
export function sampleOf(pattern: string, choice: Choice): string {
  const [branches, end] = readBranches(pattern, 0);
  if (end !== pattern.length) throw new Error(`cannot read ${pattern} from character ${end}`);
  return write({ kind: 'choice', branches }, choice);
}

function write(node: Node, choice: Choice): string {
  if (node.kind === 'set') return node.characters[choice.below(node.characters.length)] ?? '';
  if (node.kind === 'choice') {
    return (node.branches[choice.below(node.branches.length)] ?? []).map((each) => write(each, choice)).join('');
  }
  const times = node.min + choice.below(Math.min(node.max, node.min + MAX_REPEATS) - node.min + 1);
  return Array.from({ length: times }, () => write(node.of, choice)).join('');
}

function readBranches(text: string, start: number): [Node[][], number] {
  const branches: Node[][] = [[]];
  let at = start;
  while (at < text.length && text[at] !== ')') {
    if (text[at] === '|') {
      branches.push([]);
      at += 1;
      continue;
    }
    if (text[at] === '^' || text[at] === '$') {
      at += 1;
      continue;
    }
    const [atom, afterAtom] = readAtom(text, at);
    const [node, afterNode] = readQuantifier(text, afterAtom, atom);
    branches.at(-1)?.push(node);
    at = afterNode;
  }
  return [branches, at];
}

function readAtom(text: string, at: number): [Node, number] {
  const character = text[at] ?? '';
  if (character === '(') {
    const isPlain = text.startsWith('(?:', at);
    if (text[at + 1] === '?' && !isPlain) throw new Error(`cannot read the group of ${text} at ${at}`);
    const [branches, end] = readBranches(text, at + (isPlain ? 3 : 1));
    return [{ kind: 'choice', branches }, end + 1];
  }
  if (character === '[') return readClass(text, at + 1);
  if (character === '.') return [{ kind: 'set', characters: LETTERS }, at + 1];
  if (character === '\\') {
    const [characters, end] = readEscape(text, at);
    return [{ kind: 'set', characters }, end];
  }
  return [{ kind: 'set', characters: [character] }, at + 1];
}

function readEscape(text: string, at: number): [readonly string[], number] {
  const letter = text[at + 1] ?? '';
  if (letter === 'd') return [DIGITS, at + 2];
  if (letter === 'w') return [WORD, at + 2];
  if (letter === 'S') return [LETTERS, at + 2];
  if (letter === 's') return [[' '], at + 2];
  if (letter === 'p') {
    const end = text.indexOf('}', at);
    return [text.slice(at, end).includes('N') ? DIGITS : LETTERS, end + 1];
  }
  if (letter === 'x' || letter === 'u') {
    const length = letter === 'x' ? 2 : 4;
    const code = Number.parseInt(text.slice(at + 2, at + 2 + length), 16);
    return [[String.fromCharCode(code)], at + 2 + length];
  }
  return [[letter], at + 2];
}

function readClass(text: string, start: number): [Node, number] {
  const isNegated = text[start] === '^';
  const known: string[] = [];
  let at = isNegated ? start + 1 : start;
  while (at < text.length && text[at] !== ']') {
    const [characters, end] = text[at] === '\\' ? readEscape(text, at) : [[text[at] ?? ''], at + 1];
    const [from] = characters;
    const to = text[end + 1];
    if (characters.length === 1 && from !== undefined && text[end] === '-' && to !== undefined && to !== ']') {
      const [last, after] = to === '\\' ? readEscape(text, end + 1) : [[to], end + 2];
      for (let code = from.charCodeAt(0); code <= (last[0] ?? '').charCodeAt(0); code += 1) {
        known.push(String.fromCharCode(code));
      }
      at = after;
    } else {
      known.push(...characters);
      at = end;
    }
  }
  const characters = isNegated ? [...LETTERS, ...'-._~'].filter((each) => !known.includes(each)) : known;
  return [{ kind: 'set', characters }, at + 1];
}

function readQuantifier(text: string, at: number, of: Node): [Node, number] {
  const sign = text[at];
  if (sign === '?') return [{ kind: 'repeat', of, min: 0, max: 1 }, at + 1];
  if (sign === '*') return [{ kind: 'repeat', of, min: 0, max: MAX_REPEATS }, at + 1];
  if (sign === '+') return [{ kind: 'repeat', of, min: 1, max: 1 + MAX_REPEATS }, at + 1];
  const counted = /^\{(\d+)(,(\d*))?\}/.exec(text.slice(at));
  if (counted === null) return [of, at];
  const min = Number(counted[1]);
  const max = counted[2] === undefined ? min : counted[3] === '' ? min + MAX_REPEATS : Number(counted[3]);
  return [{ kind: 'repeat', of, min, max }, at + counted[0].length];
}
