import sharp from 'sharp';
import type { Portrait } from './portrait.ts';

/** The npm package that holds the group photograph: three people, 600×346 pixels, faces 113 to 126 pixels high. */
export const GROUP_PHOTO = {
  name: 'tracking',
  version: '1.1.3',
  integrity: 'sha512-XS9CVMzjp6AHT5e7oRamU8U5Lz3k6BIRTkBVs0XqepwgwXQ4kbbmxrWzTG2v6RMvJC/9MKuSBQiX/5hwsQFcCQ==',
  file: {
    path: 'examples/assets/faces.jpg',
    sha256: '889272392977114f72146e88b6775cdea9a2a421c84472972c862d7435281b7e',
  },
} as const;

interface Cutout {
  /** Where UltraFace sees the face: left, top, right, bottom in pixels of the photograph. */
  readonly face: readonly [number, number, number, number];
  /** Silhouette of head and shoulders traced in the photograph, as an SVG path in its pixels. */
  readonly outline: string;
  /** Colour of the clothes at the shoulders. */
  readonly clothes: Portrait['clothes'];
  /** Nothing below this line is used: neighbours and furniture stand in front. */
  readonly bottomPx: number;
}

const CUTOUTS: readonly Cutout[] = [
  {
    face: [49, 77, 133, 203],
    outline:
      'M-4 228L21 222L43 215L36 204L29 183L25 164L27 142L26 118L30 95L44 74L62 59L81 55L102 56L125 62L138 76L146 95L151 116L156 142L156 168L152 190L143 209L154 222L180 227L202 237L215 260L200 276L166 292L152 308L138 330L59 330L27 325L-4 300Z',
    clothes: { red: 44, green: 44, blue: 52 },
    bottomPx: 318,
  },
  {
    face: [229, 123, 316, 248],
    outline:
      'M136 346L147 322L163 304L163 293L193 285L215 267L238 252L243 237L240 215L236 202L227 196L220 174L217 150L217 128L227 112L235 97L253 84L270 80L291 85L307 94L318 109L327 121L331 144L331 163L332 179L326 195L320 198L318 221L322 235L335 238L346 249L359 255L374 261L399 268L403 278L425 293L438 317L448 346Z',
    clothes: { red: 104, green: 28, blue: 48 },
    bottomPx: 344,
  },
  {
    face: [462, 53, 543, 166],
    outline:
      'M449 346L437 307L426 291L403 278L400 270L376 263L360 252L369 226L390 212L437 189L445 183L460 171L461 157L460 131L452 127L447 112L446 95L452 88L449 70L453 53L466 37L484 26L507 21L530 24L548 37L558 55L558 76L557 91L564 97L562 110L556 125L549 132L540 135L539 162L552 181L578 196L604 208L604 346Z',
    clothes: { red: 146, green: 124, blue: 100 },
    bottomPx: 344,
  },
];

export const PEOPLE_IN_GROUP_PHOTO = CUTOUTS.length;

/** Height over which a cut-out fades into the drawn body below it. */
const FADE_PX = 34;

/** @param photo the photograph's JPEG bytes. @returns three portraits, left to right */
export async function portraitsFromGroupPhoto(photo: Buffer): Promise<Portrait[]> {
  const { width: widthPx, height: heightPx } = await sharp(photo).metadata();
  return Promise.all(
    CUTOUTS.map(async ({ face, outline, clothes, bottomPx }) => {
      const mask = Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}"><defs>
          <linearGradient id="fade" gradientUnits="userSpaceOnUse" x1="0" y1="${bottomPx - FADE_PX}" x2="0" y2="${bottomPx}">
            <stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></linearGradient>
          <filter id="feather"><feGaussianBlur stdDeviation="1.1"/></filter></defs>
          <path d="${outline}" fill="url(#fade)" filter="url(#feather)"/></svg>`,
      );
      const [left, top, right, bottom] = face;
      const rgba = await sharp(photo)
        .ensureAlpha()
        .composite([{ input: mask, blend: 'dest-in' }])
        .raw()
        .toBuffer();
      return {
        rgba,
        widthPx,
        heightPx,
        face: { centreXPx: (left + right) / 2, centreYPx: (top + bottom) / 2, heightPx: bottom - top },
        clothes,
      };
    }),
  );
}
