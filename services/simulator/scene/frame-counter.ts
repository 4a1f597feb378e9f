import type { PicturePlanes } from './picture-planes.ts';

/**
 * A number burnt into every picture, for programs (a row of blocks) and for people (digits beside it), and the mark that
 * tells the sub-stream from the main one. All positions are fractions of the picture, so both sizes read the same.
 *
 * The row: white, black, sixteen bits (most significant first, white = 1), even parity, black, white. The guards at the
 * ends give the levels of white and black.
 */
const CELLS = 21;
const BITS = 16;
const CELL_WIDTH = 1 / 64;
const CELL_HEIGHT = 1 / 36;
const LEFT = 1 / 64;
const TOP = 1 / 36;

/** Largest number that fits. */
export const MAX_FRAME_COUNTER = 2 ** BITS - 1;

/** Where the sub-stream's magenta square is: left, top, width, height as fractions of the picture. */
export const SUB_MARK = { left: 0.94, top: 0.03, width: 0.04, height: 0.07 } as const;

/** White and black guards must differ by this much (of 255), or there is no counter in the picture. */
const MIN_CONTRAST = 60;

const BLACK = 16;
const WHITE = 235;

/** Digits as 3×5 pixels, one octal digit a row, top to bottom. */
const DIGITS = ['75557', '26227', '71747', '71717', '55711', '74717', '74757', '71244', '75757', '75717'];

/** @param counter 0..65535 */
export function burnFrameCounter(picture: PicturePlanes, counter: number): void {
  cellsOf(counter).forEach((isWhite, cell) => {
    fill(picture, {
      leftPx: Math.round((LEFT + cell * CELL_WIDTH) * picture.widthPx),
      topPx: Math.round(TOP * picture.heightPx),
      widthPx: Math.round(CELL_WIDTH * picture.widthPx),
      heightPx: Math.round(CELL_HEIGHT * picture.heightPx),
      luma: isWhite ? WHITE : BLACK,
    });
  });
  burnDigits(picture, String(counter).padStart(5, '0'));
}

/**
 * Reads the number burnt into a decoded picture.
 * @param rgb packed, 3 bytes a pixel, row by row
 * @returns undefined if there is no counter, or its parity is wrong
 */
export function readFrameCounter(rgb: Uint8Array, widthPx: number, heightPx: number): number | undefined {
  const levels = Array.from({ length: CELLS }, (_, cell) =>
    meanBrightness(rgb, widthPx, {
      left: Math.round((LEFT + (cell + 0.3) * CELL_WIDTH) * widthPx),
      right: Math.round((LEFT + (cell + 0.7) * CELL_WIDTH) * widthPx),
      top: Math.round((TOP + 0.3 * CELL_HEIGHT) * heightPx),
      bottom: Math.round((TOP + 0.7 * CELL_HEIGHT) * heightPx),
    }),
  );
  const white = Math.min(levels[0] ?? 0, levels[CELLS - 1] ?? 0);
  const black = Math.max(levels[1] ?? 255, levels[CELLS - 2] ?? 255);
  if (white - black < MIN_CONTRAST) return undefined;
  const threshold = (white + black) / 2;
  const bits = levels.slice(2, 2 + BITS + 1).map((level) => level > threshold);
  if (bits.filter(Boolean).length % 2 !== 0) return undefined;
  return bits.slice(0, BITS).reduce((value, bit) => value * 2 + (bit ? 1 : 0), 0);
}

/** Whether a decoded picture (packed RGB) carries the sub-stream's magenta square. */
export function hasSubMark(rgb: Uint8Array, widthPx: number, heightPx: number): boolean {
  const area = {
    left: Math.round((SUB_MARK.left + 0.25 * SUB_MARK.width) * widthPx),
    right: Math.round((SUB_MARK.left + 0.75 * SUB_MARK.width) * widthPx),
    top: Math.round((SUB_MARK.top + 0.25 * SUB_MARK.height) * heightPx),
    bottom: Math.round((SUB_MARK.top + 0.75 * SUB_MARK.height) * heightPx),
  };
  const [red, green, blue] = [0, 1, 2].map((channel) => meanChannel(rgb, widthPx, area, channel));
  return (red ?? 0) > 150 && (green ?? 255) < 100 && (blue ?? 0) > 150;
}

function cellsOf(counter: number): boolean[] {
  const bits = Array.from({ length: BITS }, (_, bit) => ((counter >> (BITS - 1 - bit)) & 1) === 1);
  const isOdd = bits.filter(Boolean).length % 2 === 1;
  return [true, false, ...bits, isOdd, false, true];
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function meanBrightness(rgb: Uint8Array, widthPx: number, area: Area): number {
  return [0, 1, 2].reduce((sum, channel) => sum + meanChannel(rgb, widthPx, area, channel), 0) / 3;
}

function meanChannel(rgb: Uint8Array, widthPx: number, area: Area, channel: number): number {
  let sum = 0;
  let count = 0;
  for (let y = area.top; y < area.bottom; y++) {
    for (let x = area.left; x < area.right; x++) {
      sum += rgb[(y * widthPx + x) * 3 + channel] ?? 0;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

function burnDigits(picture: PicturePlanes, digits: string): void {
  const dotPx = Math.max(2, Math.round(picture.heightPx / 180));
  const leftPx = Math.round((LEFT + (CELLS + 0.7) * CELL_WIDTH) * picture.widthPx);
  const topPx = Math.round(TOP * picture.heightPx);
  fill(picture, {
    leftPx: leftPx - dotPx,
    topPx,
    widthPx: digits.length * 4 * dotPx + dotPx,
    heightPx: 5 * dotPx,
    luma: BLACK,
  });
  [...digits].forEach((digit, place) => {
    [...(DIGITS[Number(digit)] ?? '00000')].forEach((row, line) => {
      for (let column = 0; column < 3; column++) {
        if (((Number(row) >> (2 - column)) & 1) === 0) continue;
        fill(picture, {
          leftPx: leftPx + (place * 4 + column) * dotPx,
          topPx: topPx + line * dotPx,
          widthPx: dotPx,
          heightPx: dotPx,
          luma: WHITE,
        });
      }
    });
  });
}

interface Fill {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly luma: number;
}

/** A grey rectangle; positions are even in the scene's size, so chroma needs no blending. */
function fill(picture: PicturePlanes, { leftPx, topPx, widthPx, heightPx, luma }: Fill): void {
  for (let y = topPx; y < topPx + heightPx; y++) {
    picture.y.fill(luma, y * picture.widthPx + leftPx, y * picture.widthPx + leftPx + widthPx);
  }
  const halfWidthPx = picture.widthPx / 2;
  for (let y = topPx >> 1; y < (topPx + heightPx) >> 1; y++) {
    const start = y * halfWidthPx + (leftPx >> 1);
    picture.u.fill(128, start, start + (widthPx >> 1));
    picture.v.fill(128, start, start + (widthPx >> 1));
  }
}
