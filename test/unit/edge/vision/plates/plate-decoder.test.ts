import { createPlateAlphabet, type DecodedPlates, decodePlate } from '@dipper/edge/vision/plates/plate-decoder';
import { isPlate, OFFICES, PLATE_CHARACTERS, PROVINCES, SERIAL } from '@dipper/edge/vision/plates/plate-grammar';
import { createRandom } from '@dipper/simulator/scene/random';
import { describe, expect, test } from 'vitest';

/** As the model's list: what plates hold, separators, and text that no plate holds. */
const CHARACTERS = [...new Set([...PLATE_CHARACTERS, ...'·.-I东快递停车场出口'])];
const alphabet = createPlateAlphabet(`${CHARACTERS.join('\n')}\n`);

/** The grammar once more, written as one sees it on the road. */
const ROAD = new RegExp(
  '^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z]' +
    '([0-9A-HJ-NP-Z]{4}[0-9A-HJ-NP-Z学警挂使领]|(?<=粤Z)[0-9A-HJ-NP-Z]{4}[港澳]|[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK])$',
  'u',
);

/** Each entry is one step of the model: what it sees there, and how surely. The rest goes to the blank. */
function stepsOf(seen: readonly (readonly [character: string, probability: number])[][]): Float32Array {
  const steps = new Float32Array(seen.length * alphabet.classes);
  for (const [step, entries] of seen.entries()) {
    let blank = 1;
    for (const [character, probability] of entries) {
      const at = step * alphabet.classes + alphabet.classOf(character);
      steps[at] = (steps[at] as number) + probability;
      blank -= probability;
    }
    steps[step * alphabet.classes] = Math.max(0, blank);
  }
  return steps;
}

/** A clear picture of a text: two steps for each character, a blank after it. */
const clear = (text: string) =>
  stepsOf(Array.from(text).flatMap((character) => [[[character, 0.97]], [[character, 0.9]], []]));

const texts = ({ ordinary, newEnergy }: DecodedPlates) => [ordinary?.text, newEnergy?.text];

describe('what is returned', () => {
  test('is always a plate, whatever the model says', () => {
    const random = createRandom(20_261_124);
    let returned = 0;
    const oneOf = (some: string) => Array.from(some)[Math.floor(random() * Array.from(some).length)] ?? '';
    // A plate in its outlines, with anything else beside it: letters, tails in the middle, words.
    const kinds = [PROVINCES, OFFICES, ...Array.from({ length: 7 }, () => SERIAL)];
    const everything = CHARACTERS.join('');
    for (let round = 0; round < 300; round += 1) {
      const steps = kinds
        .slice(0, 7 + Math.floor(random() * 3))
        .map((kind) => [
          [oneOf(random() < 0.9 ? kind : everything), 0.5 + random() * 0.2] as const,
          [oneOf(everything), random() * 0.15] as const,
          [oneOf('学警港澳D使'), random() * 0.15] as const,
        ]);
      const decoded = decodePlate(stepsOf(steps), alphabet);
      for (const [plate, length] of [
        [decoded.ordinary, 7],
        [decoded.newEnergy, 8],
      ] as const) {
        if (plate === undefined) continue;
        returned += 1;
        expect(plate.text).toMatch(ROAD);
        expect(isPlate(plate.text)).toBe(true);
        expect(plate.text).toHaveLength(length);
        expect(plate.confidence).toBeGreaterThanOrEqual(0);
        expect(plate.confidence).toBeLessThanOrEqual(1 + 1e-9);
      }
    }
    expect(returned).toBeGreaterThan(100);
  });

  test.each(['京A12345', '沪B6789C', '粤Z1234港', '粤Z12B4澳', '京A1234学', '沪A1234领', '甘BO0A11'.replace('O', 'P')])(
    'is the plate that is clearly there: %s',
    (plate) => {
      expect(plate).toMatch(ROAD);
      expect(decodePlate(clear(plate), alphabet).ordinary).toMatchObject({ text: plate });
    },
  );

  test.each(['京AD12345', '沪BF6A789'.replace('A', '0'), '粤B12345D'])('has eight characters for %s', (plate) => {
    expect(decodePlate(clear(plate), alphabet).newEnergy).toMatchObject({ text: plate });
  });

  test('does not hold the dot between, nor a repeated character twice', () => {
    expect(texts(decodePlate(clear('京A·12345'), alphabet))[0]).toBe('京A12345');
    expect(texts(decodePlate(clear('京A·11155'), alphabet))[0]).toBe('京A11155');
    const held = stepsOf(Array.from('京A12345').map((character) => [[character, 0.95]]));
    expect(texts(decodePlate(held, alphabet))[0]).toBe('京A12345');
  });
});

describe('where the model is in doubt', () => {
  test('the grammar decides: no I and no O in the serial number', () => {
    const steps = stepsOf([
      ...['京', 'A', '1', '2', '3', '4']
        .map((character) => [[character, 0.95]] as const)
        .map(([entry]) => [entry ?? ['', 0]] as [string, number][]),
      [
        ['O', 0.6],
        ['0', 0.3],
      ],
    ]);
    expect(decodePlate(steps, alphabet).ordinary?.text).toBe('京A12340');
  });

  test('text that is no plate gets next to no confidence', () => {
    for (const sign of ['停车场出口', '京东快递12345', 'ABCDEFG', '1234567']) {
      const { ordinary, newEnergy } = decodePlate(clear(sign), alphabet);
      expect(Math.max(ordinary?.confidence ?? 0, newEnergy?.confidence ?? 0)).toBeLessThan(0.4);
    }
  });
});

describe('plates and what only looks like one', () => {
  test.each(['京A12345', '京AD12345', '京A12345D', '粤Z1234港', '京O12345', '京A1234警'])('%s is one', (text) => {
    expect(isPlate(text)).toBe(true);
  });
  test.each([
    '',
    '京A1234',
    '京A123456',
    '京I12345',
    '京A1234O',
    '京A12I45',
    '京Z1234港',
    'A京12345',
    '京AX12345',
    '京A学2345',
    '京AD1234A',
    '京A1234挂5',
  ])('%s is none', (text) => {
    expect(isPlate(text)).toBe(false);
  });
});

test('a list without the characters of plates is refused', () => {
  expect(() => createPlateAlphabet('a\nb\nc\n')).toThrow(expect.objectContaining({ code: 'MODEL_UNUSABLE' }));
});
