export type DeskAction =
  | 'up'
  | 'down'
  | 'acknowledge'
  | 'openCase'
  | 'viewCapture'
  | 'shelve'
  | 'takeOut'
  | 'join'
  | 'split';

const LETTERS: Readonly<Record<string, DeskAction>> = {
  a: 'acknowledge',
  v: 'viewCapture',
  s: 'shelve',
  o: 'takeOut',
  j: 'join',
  x: 'split',
};

/** What has the focus: the page itself, something to press, or something to write in. */
export type KeyTarget = 'page' | 'control' | 'text';

/** The part of a keyboard event that decides what it means. */
export interface KeyPress {
  readonly key: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * What a key does on the desk. A key held down moves on through the list, but never acknowledges twice.
 *
 * @param target what has the focus: text fields and open dialogs keep all their keys, buttons and links their Enter
 */
export function deskActionOf(press: KeyPress, target: KeyTarget): DeskAction | undefined {
  if (target === 'text' || press.ctrlKey || press.metaKey || press.altKey) return undefined;
  if (press.key === 'ArrowDown') return 'down';
  if (press.key === 'ArrowUp') return 'up';
  if (press.repeat) return undefined;
  if (press.key === 'Enter') return target === 'page' ? 'openCase' : undefined;
  return LETTERS[press.key.toLowerCase()];
}
