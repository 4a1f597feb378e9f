import { CONDITIONS } from '@dipper/hub/rules/conditions';
import { readRule } from '@dipper/hub/rules/rule-file';
import { describe, expect, it } from 'vitest';

const BASE = `id: some-rule
on: [camera.frozen]
priority: low
title: { zh: 题, en: Title }
key: "{device}"
`;
const problemsOf = (text: string): readonly string[] => readRule(text, { conditions: CONDITIONS }).problems;

describe('a rule that somebody writes', () => {
  it.each([
    'clear: { byHand: true }',
    'clear: { afterMin: 1 }\nwhen: { weekly: { timeZone: Asia/Shanghai, mon: ["22:00-06:00"] }, place-kind: [entrance] }',
    'clear: { onReturn: true }\nabsence: { forMin: 30, during: hours }',
    'clear: { on: [camera.online] }\nwithout: { on: [camera.online], afterSec: 10 }\noffDelaySec: 5',
  ])('may say %s', (terms) => {
    expect(problemsOf(BASE + terms)).toEqual([]);
  });

  it.each([
    ['clear: { byHand: true }\ncount: { atLeast: 1, withinSec: 5 }', /^line 7: count\.atLeast/],
    ['clear: { byHand: true }\nabsence: { forMin: 5 }', /^line 6: clear: 'absence' and/],
    [
      'clear: { onReturn: true }\nabsence: { forMin: 5 }\ncount: { atLeast: 2, withinSec: 5 }',
      /^line 8: count: does not go/,
    ],
    ['clear: { byHand: true }\noffDelaySec: 5', /^line 7: offDelaySec: means nothing/],
    ['clear: { byHand: true }\nwith: { on: [camera.online] }', /^line 7: with: needs/],
    ['clear: { byHand: true }\nwith: { on: [camera.onlin], afterSec: 1 }', /^line 7: .*did you mean 'camera\.online'/],
    ['clear: { byHand: true }\nwhen: { weekly: { timeZone: Asia/Nowhere, mon: [] } }', /no time zone 'Asia\/Nowhere'/],
    ['clear: { byHand: true }\nwhen: { plase: [gate] }', /^line 7: when\.plase: .*did you mean 'place'/],
  ])('may not say %s', (terms, problem) => {
    expect(problemsOf(BASE + terms)[0]).toMatch(problem);
  });

  it('is refused when nothing can be made of it', () => {
    const laughs = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}`;
    expect(problemsOf(laughs)).not.toEqual([]);
    expect(problemsOf('['.repeat(8_000))).not.toEqual([]);
    expect(problemsOf('')).not.toEqual([]);
  });
});
