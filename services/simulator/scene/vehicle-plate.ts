/**
 * Number plates, drawn by strokes of our own: a machine need not have a font with Chinese characters, and the picture is the
 * same on each. Sizes in millimetres as GA 36-2018 has them; characters are 45 × 90.
 */
export type PlateStyle = 'blue' | 'green';

export const PLATE_HEIGHT_MM = 140;
const STYLES = {
  blue: { widthMm: 440, ground: '#0f46b4', ink: '#f6f8fa', characterMm: 45, gapMm: 12, wideGapMm: 34 },
  green: { widthMm: 480, ground: 'url(#energy)', ink: '#10140f', characterMm: 43, gapMm: 9, wideGapMm: 49 },
} as const;
const MARGIN_MM = 15.5;
const TOP_MM = 25;

/** Green plates have eight characters, blue ones seven. */
export function styleOf(plate: string): PlateStyle {
  return plate.length === 8 ? 'green' : 'blue';
}

export function plateWidthMm(style: PlateStyle): number {
  return STYLES[style].widthMm;
}

/** Characters that can be drawn: seven of the provinces, all letters but I, all digits. */
export const DRAWN_CHARACTERS = '京沪苏川甘吉云ABCDEFGHJKLMNOPQRSTUVWXYZ0123456789';

/** The plate as an SVG element of its size in millimetres. @throws RangeError for a character without strokes */
export function plateSvg(plate: string, style: PlateStyle = styleOf(plate)): string {
  const { widthMm, ground, ink, characterMm, gapMm, wideGapMm } = STYLES[style];
  let leftMm = MARGIN_MM;
  const characters = Array.from(plate).map((character, index) => {
    const strokes = STROKES[character];
    if (strokes === undefined) throw new RangeError(`No strokes for ${character}.`);
    const scale = (index === 0 ? 45 : characterMm) / 45;
    const element = `<path d="${strokes}" transform="translate(${leftMm} ${TOP_MM}) scale(${scale} 1)" stroke-width="${index === 0 ? 6.5 : 10}"/>`;
    leftMm += 45 * scale + (index === 1 ? wideGapMm : gapMm);
    return element;
  });
  const dot = style === 'blue' ? `<circle cx="${MARGIN_MM + 2 * 45 + 12 + 17}" cy="70" r="5" fill="${ink}"/>` : '';
  return `<g><defs><linearGradient id="energy" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#eef6ee"/>
    <stop offset="1" stop-color="#58c272"/></linearGradient></defs>
    <rect width="${widthMm}" height="${PLATE_HEIGHT_MM}" rx="10" fill="${ground}"/>
    <rect x="4" y="4" width="${widthMm - 8}" height="${PLATE_HEIGHT_MM - 8}" rx="8" fill="none" stroke="${ink}" stroke-width="3"/>
    ${dot}<g fill="none" stroke="${ink}" stroke-linecap="butt" stroke-linejoin="round">${characters.join('')}</g></g>`;
}

export const REAR_PLATE_MM = { width: 440, height: 220 } as const;

/** The yellow plate at the rear of a lorry, in two rows. @throws RangeError for a character without strokes */
export function rearPlateSvg(plate: string): string {
  const { width, height } = REAR_PLATE_MM;
  const characters = Array.from(plate).map((character, index) => {
    const strokes = STROKES[character];
    if (strokes === undefined) throw new RangeError(`No strokes for ${character}.`);
    const isUpper = index < 2;
    const place = isUpper ? `${110 + index * 140} 15` : `${27.5 + (index - 2) * 80} 90`;
    const scale = isUpper ? `${80 / 45} ${60 / 90}` : `${65 / 45} ${110 / 90}`;
    return `<path d="${strokes}" transform="translate(${place}) scale(${scale})" stroke-width="${isUpper ? 7 : 9}"/>`;
  });
  return `<g><rect width="${width}" height="${height}" rx="10" fill="#e8b010"/>
    <rect x="4" y="4" width="${width - 8}" height="${height - 8}" rx="8" fill="none" stroke="#10140f" stroke-width="3"/>
    <g fill="none" stroke="#10140f" stroke-linejoin="round">${characters.join('')}</g></g>`;
}

/** Middles of the strokes in a box of 45 × 90. */
const STROKES: Readonly<Record<string, string>> = {
  京: 'M21 2L25 12M3 17H42M10 29H36V50H10ZM23 50V83Q23 88 15 84M14 59L5 79M32 59L41 79',
  沪: 'M5 8L11 18M3 31L9 41M3 83L11 58M27 3L31 13M19 19H40V43H19M19 19V52Q19 74 13 88',
  苏: 'M3 15H42M14 4V27M31 4V27M6 38H36V77Q36 86 26 82M20 28V44Q20 70 5 87M9 52L4 66M41 50L44 66',
  川: 'M10 7V58Q10 75 4 87M22.5 12V78M38 5V88',
  甘: 'M3 24H42M12 5V85M33 5V85M12 52H33M12 82H33',
  吉: 'M3 18H42M22.5 3V38M8 38H37M10 52H35V84H10Z',
  云: 'M9 14H36M3 38H42M20 38L7 79H36M29 62L41 88',
  A: 'M5 86L22.5 5L40 86M11 60H34',
  B: 'M7 5V85H26Q40 85 40 64Q40 44 26 44H7M26 44Q38 44 38 25Q38 5 26 5H2',
  C: 'M40 26Q40 5 22.5 5Q5 5 5 27V63Q5 85 22.5 85Q40 85 40 64',
  D: 'M7 5V85H20Q40 85 40 63V27Q40 5 20 5H2',
  E: 'M40 5H8V85H40M8 44H35',
  F: 'M40 5H8V90M8 45H35',
  G: 'M40 26Q40 5 22.5 5Q5 5 5 27V63Q5 85 22.5 85Q40 85 40 63V50H24',
  H: 'M7 0V90M38 0V90M7 44H38',
  J: 'M35 0V65Q35 85 20 85Q6 85 6 64',
  K: 'M8 0V90M40 0L10 52M19 38L41 90',
  L: 'M8 0V85H40',
  M: 'M6 90V6L22.5 58L39 6V90',
  N: 'M7 90V4L38 86V0',
  O: 'M22.5 5Q5 5 5 25V65Q5 85 22.5 85Q40 85 40 65V25Q40 5 22.5 5Z',
  P: 'M8 90V5H25Q40 5 40 26Q40 48 25 48H8',
  Q: 'M22.5 5Q5 5 5 25V65Q5 85 22.5 85Q40 85 40 65V25Q40 5 22.5 5ZM25 62L42 90',
  R: 'M8 90V5H25Q40 5 40 25Q40 46 25 46H8M23 46L40 90',
  S: 'M39 25Q38 5 22.5 5Q6 5 6 24Q6 39 22.5 44Q40 49 40 66Q40 85 22.5 85Q6 85 5 64',
  T: 'M3 5H42M22.5 5V90',
  U: 'M6 0V64Q6 85 22.5 85Q39 85 39 64V0',
  V: 'M5 0L22.5 84L40 0',
  W: 'M4 0L12 82L22.5 30L33 82L41 0',
  X: 'M6 0L39 90M39 0L6 90',
  Y: 'M5 0L22.5 46L40 0M22.5 46V90',
  Z: 'M5 5H38L7 85H41',
  0: 'M22.5 5Q5 5 5 25V65Q5 85 22.5 85Q40 85 40 65V25Q40 5 22.5 5Z',
  1: 'M11 20L24 6V90',
  2: 'M6 26Q6 5 22.5 5Q39 5 39 24Q39 36 30 49L8 85H41',
  3: 'M6 23Q7 5 22 5Q38 5 38 23Q38 42 19 42Q40 42 40 63Q40 85 22 85Q6 85 5 66',
  4: 'M28 0L6 63H43M32 40V90',
  5: 'M39 5H10L8 44Q13 35 23 35Q40 35 40 60Q40 85 22 85Q7 85 5 66',
  6: 'M33 0L9 49Q5 57 5 63Q5 85 22.5 85Q40 85 40 63Q40 42 22.5 42Q13 42 8 51',
  7: 'M5 5H38L17 90',
  8: 'M22.5 5Q7 5 7 23Q7 42 22.5 42Q38 42 38 23Q38 5 22.5 5ZM22.5 42Q5 42 5 63Q5 85 22.5 85Q40 85 40 63Q40 42 22.5 42Z',
  9: 'M12 90L36 41Q40 33 40 27Q40 5 22.5 5Q5 5 5 27Q5 48 22.5 48Q32 48 37 39',
};
