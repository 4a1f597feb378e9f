import { VisionError } from '../vision-error.ts';
import { charactersAfter, NEW_ENERGY_LENGTH, ORDINARY_LENGTH, PLATE_CHARACTERS } from './plate-grammar.ts';

/** How the recognition model numbers the characters that matter here. */
export interface PlateAlphabet {
  /** Number of classes of the model: the blank, its characters, the space. */
  readonly classes: number;
  classOf(character: string): number;
  /** Classes of what stands between the second and the third character, or is dirt: they mean as little as the blank. */
  readonly separators: readonly number[];
}

export interface DecodedPlate {
  readonly text: string;
  /** Geometric mean of the probability of its characters, 0..1. */
  readonly confidence: number;
}

/** The best plate of each length; undefined where no text of that length has any probability. */
export interface DecodedPlates {
  readonly ordinary: DecodedPlate | undefined;
  readonly newEnergy: DecodedPlate | undefined;
}

const BLANK = 0;
const SEPARATORS = '·•.-:： ,，。、_\'"';
/** Beginnings that are followed at a time: the right one is hardly ever below the third place for long. */
const BEAM_WIDTH = 12;
/** A character less likely than this at a step is not there. */
const MIN_PROBABILITY = 1e-5;
/** Below, everything is impossible alike. */
const FLOOR = 1e-9;

/** @param list `ppocr_keys_v1.txt`: one character a line. @throws VisionError MODEL_UNUSABLE when one of a plate is missing */
export function createPlateAlphabet(list: string): PlateAlphabet {
  const characters = list.replace(/\n$/, '').split('\n');
  const classes = new Map(characters.map((character, index) => [character, index + 1]));
  classes.set(' ', characters.length + 1);
  for (const character of PLATE_CHARACTERS) {
    if (!classes.has(character)) throw new VisionError('MODEL_UNUSABLE', `The text model does not know ${character}.`);
  }
  return {
    classes: characters.length + 2,
    classOf: (character) => classes.get(character) ?? BLANK,
    separators: Array.from(SEPARATORS).flatMap((character) => classes.get(character) ?? []),
  };
}

/** A beginning, with what is known of the ways to come to it (Graves et al., 2006): ending in a blank, or not. Natural logs. */
interface Prefix {
  readonly text: string;
  readonly lastClass: number;
  blank: number;
  open: number;
}

/**
 * Decodes what the recognition model says to the best texts that are plates: a prefix beam search for connectionist temporal
 * classification in which only the grammar's next characters exist. Whatever it returns is a plate.
 *
 * @param probabilities steps × classes
 */
export function decodePlate(probabilities: Float32Array, alphabet: PlateAlphabet): DecodedPlates {
  const steps = Math.floor(probabilities.length / alphabet.classes);
  let beam: Prefix[] = [{ text: '', lastClass: BLANK, blank: 0, open: Number.NEGATIVE_INFINITY }];
  for (let step = 0; step < steps; step += 1) {
    beam = advance(beam, probabilities.subarray(step * alphabet.classes, (step + 1) * alphabet.classes), alphabet);
  }
  const best = (length: number): DecodedPlate | undefined => {
    const prefix = beam.find(({ text }) => text.length === length);
    return prefix && { text: prefix.text, confidence: Math.exp(total(prefix) / length) };
  };
  return { ordinary: best(ORDINARY_LENGTH), newEnergy: best(NEW_ENERGY_LENGTH) };
}

function advance(beam: readonly Prefix[], step: Float32Array, alphabet: PlateAlphabet): Prefix[] {
  const blank = log(alphabet.separators.reduce((sum, separator) => sum + (step[separator] ?? 0), step[BLANK] ?? 0));
  const next = new Map<string, Prefix>();
  const reach = (text: string, lastClass: number): Prefix => {
    let prefix = next.get(text);
    if (prefix === undefined) {
      prefix = { text, lastClass, blank: Number.NEGATIVE_INFINITY, open: Number.NEGATIVE_INFINITY };
      next.set(text, prefix);
    }
    return prefix;
  };
  for (const prefix of beam) {
    const { text, lastClass } = prefix;
    const same = reach(text, lastClass);
    same.blank = addLogs(same.blank, total(prefix) + blank);
    if (text !== '') same.open = addLogs(same.open, prefix.open + log(step[lastClass] ?? 0));
    for (const character of charactersAfter(text)) {
      const characterClass = alphabet.classOf(character);
      const probability = step[characterClass] ?? 0;
      if (probability < MIN_PROBABILITY) continue;
      // The same character twice has a blank between.
      const before = characterClass === lastClass ? prefix.blank : total(prefix);
      const longer = reach(text + character, characterClass);
      longer.open = addLogs(longer.open, before + log(probability));
    }
  }
  return [...next.values()].sort((a, b) => total(b) - total(a)).slice(0, BEAM_WIDTH);
}

function total({ blank, open }: Prefix): number {
  return addLogs(blank, open);
}

function log(probability: number): number {
  return Math.log(Math.max(probability, FLOOR));
}

function addLogs(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
