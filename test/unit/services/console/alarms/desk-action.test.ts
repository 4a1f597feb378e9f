import { describe, expect, it } from 'vitest';
import { deskActionOf, type KeyPress } from '../../../../../services/console/alarms/desk-action.ts';

function press(key: string, rest: Partial<KeyPress> = {}): KeyPress {
  return { key, repeat: false, ctrlKey: false, metaKey: false, altKey: false, ...rest };
}

describe('keys of the duty desk', () => {
  it('acknowledges in two keystrokes', () => {
    expect(deskActionOf(press('ArrowDown'), 'page')).toBe('down');
    expect(deskActionOf(press('ArrowUp'), 'page')).toBe('up');
    expect(deskActionOf(press('a'), 'page')).toBe('acknowledge');
    expect(deskActionOf(press('A'), 'page')).toBe('acknowledge');
    expect(deskActionOf(press('Enter'), 'page')).toBe('openCase');
    expect(deskActionOf(press('v'), 'page')).toBe('viewCapture');
    expect(['s', 'o', 'j', 'x'].map((key) => deskActionOf(press(key), 'page'))).toEqual([
      'shelve',
      'takeOut',
      'join',
      'split',
    ]);
    expect(deskActionOf(press('Tab'), 'page')).toBeUndefined();
  });

  it('moves on while a key is held down, and acknowledges nothing by it', () => {
    expect(deskActionOf(press('ArrowDown', { repeat: true }), 'page')).toBe('down');
    expect(deskActionOf(press('a', { repeat: true }), 'page')).toBeUndefined();
    expect(deskActionOf(press('Enter', { repeat: true }), 'page')).toBeUndefined();
  });

  it('leaves the browser its own keys', () => {
    expect(deskActionOf(press('a', { ctrlKey: true }), 'page')).toBeUndefined();
    expect(deskActionOf(press('a', { metaKey: true }), 'page')).toBeUndefined();
    expect(deskActionOf(press('ArrowUp', { altKey: true }), 'page')).toBeUndefined();
  });

  it('leaves a text field all of its keys, and a button its Enter', () => {
    for (const key of ['a', 'v', 'Enter', 'ArrowDown']) expect(deskActionOf(press(key), 'text')).toBeUndefined();
    expect(deskActionOf(press('Enter'), 'control')).toBeUndefined();
    expect(deskActionOf(press('a'), 'control')).toBe('acknowledge');
  });
});
