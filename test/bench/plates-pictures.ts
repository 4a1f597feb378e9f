import { existsSync } from 'node:fs';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { OFFICES, PROVINCES, SERIAL } from '@dipper/edge/vision/plates/plate-grammar';
import { createRandom } from '@dipper/simulator/scene/random';
import {
  DRAWN_CHARACTERS,
  PLATE_HEIGHT_MM,
  plateSvg,
  plateWidthMm,
  REAR_PLATE_MM,
  rearPlateSvg,
  styleOf,
} from '@dipper/simulator/scene/vehicle-plate';
import sharp, { type Sharp } from 'sharp';

/** How hard a picture is to read. */
export const CONDITIONS = ['plain', 'perspective', 'blur', 'noise', 'night', 'small', 'all', 'two-rows'] as const;
export type Condition = (typeof CONDITIONS)[number];

export interface PlatePicture {
  readonly plate: string;
  readonly condition: Condition;
  readonly typeface: 'strokes' | 'noto';
  readonly frame: RgbFrame;
}

/** fonts-noto-cjk of Debian; without it there are only our own strokes, with seven of the provinces. */
const NOTO = '/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc';
export const hasNoto = existsSync(NOTO);

const WIDTH_PX = 640;
const HEIGHT_PX = 360;
type Random = () => number;
type Point = readonly [x: number, y: number];

/** The same seed makes the same pictures: a plate on a bumper, as the sub-stream of a plate camera shows it. */
export async function drawPlatePictures(seed: number, perCondition: number): Promise<PlatePicture[]> {
  const random = createRandom(seed);
  const pictures: PlatePicture[] = [];
  for (const condition of CONDITIONS) {
    for (let index = 0; index < perCondition; index += 1) {
      const typeface = hasNoto && index % 2 === 1 && condition !== 'two-rows' ? 'noto' : 'strokes';
      const plate = randomPlate(random, typeface, condition === 'two-rows');
      pictures.push({ plate, condition, typeface, frame: await draw(plate, typeface, condition, random) });
    }
  }
  return pictures;
}

/** Text at a gate that is no plate; without a font with Chinese characters only what has none. */
export async function drawSigns(): Promise<{ readonly text: string; readonly frame: RgbFrame }[]> {
  const words = hasNoto
    ? [
        '停车场出口',
        '京东物流 95311',
        '限速 5 公里',
        '苏宁易购 400836',
        '请勿停车 13800138',
        '川A出口',
        '2026年11月24日',
      ]
    : [];
  const texts = [...words, '2026-11-24 19:30:12', 'TAXI 62580000', 'NO PARKING', '0123456789', 'BYD A1234567', 'P 24H'];
  return Promise.all(
    texts.map(async (text) => ({
      text,
      frame: await frameOf(
        sharp(
          Buffer.from(
            svg(`<rect x="120" y="140" width="400" height="80" fill="#0f46b4"/>
            <text x="140" y="200" font-family="Noto Sans CJK SC, sans-serif" font-weight="700" font-size="44" fill="#fff">${text}</text>`),
          ),
        ),
      ),
    })),
  );
}

function randomPlate(random: Random, typeface: 'strokes' | 'noto', isLorry: boolean): string {
  const one = (some: string) => Array.from(some)[Math.floor(random() * Array.from(some).length)] ?? '';
  const provinces =
    typeface === 'noto'
      ? PROVINCES
      : Array.from(PROVINCES)
          .filter((p) => DRAWN_CHARACTERS.includes(p))
          .join('');
  const start = one(provinces) + one(OFFICES.replace('O', ''));
  const digits = (count: number) => Array.from({ length: count }, () => one('0123456789')).join('');
  if (random() < 0.35 && !isLorry) return `${start}${one('DABCEFGHJK')}${one(SERIAL)}${digits(4)}`;
  // Two letters at most, as most offices issue them.
  const places = new Set([Math.floor(random() * 5), Math.floor(random() * 5)]);
  return start + Array.from({ length: 5 }, (_, place) => (places.has(place) ? one(SERIAL) : digits(1))).join('');
}

async function draw(
  plate: string,
  typeface: 'strokes' | 'noto',
  condition: Condition,
  random: Random,
): Promise<RgbFrame> {
  const is = (...some: Condition[]) => condition === 'all' || some.includes(condition);
  const style = styleOf(plate);
  const isRear = condition === 'two-rows';
  const widthMm = isRear ? REAR_PLATE_MM.width : plateWidthMm(style);
  const heightMm = isRear ? REAR_PLATE_MM.height : PLATE_HEIGHT_MM;
  const drawn = () => (typeface === 'noto' ? notoSvg(plate, widthMm) : plateSvg(plate, style));
  const face = await frameOf(
    sharp(
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}" height="${heightMm}">${
          isRear ? rearPlateSvg(plate) : drawn()
        }</svg>`,
      ),
    ),
  );
  const plateHeightPx = condition === 'small' ? 20 : 26 + random() * 14;
  const corners = project(face, plateHeightPx / PLATE_HEIGHT_MM, is('perspective') ? random : undefined);
  const paint = `rgb(${[0, 1, 2].map(() => Math.round(40 + random() * 160)).join(',')})`;
  const street = await frameOf(
    sharp(
      Buffer.from(
        svg(`<rect x="110" y="40" width="420" height="280" rx="30" fill="${paint}"/>
        <rect x="110" y="150" width="420" height="150" fill="#202124"/><rect x="200" y="70" width="240" height="60" fill="#17181a"/>`),
      ),
    ),
  );
  lay(face, street, corners);
  let picture = sharp(street.rgb, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } });
  if (is('blur')) picture = picture.blur(0.8 + random() * 0.9);
  const frame = await frameOf(picture);
  const light = is('night') ? 0.22 + random() * 0.2 : 1;
  const sigma = condition === 'all' ? 6 : is('noise') ? 12 : is('night') ? 9 : 2;
  return exposed(frame, light, sigma, random);
}

/** Like the plates of GA 36 with a font of the machine, its characters squeezed to 45 × 90. */
function notoSvg(plate: string, widthMm: number): string {
  const isGreen = plate.length === 8;
  const [ground, ink, characterMm] = isGreen ? ['#7fcf92', '#10140f', 43] : ['#0f46b4', '#f6f8fa', 45];
  let leftMm = 15.5;
  const characters = Array.from(plate).map((character, index) => {
    const element = `<text transform="translate(${leftMm} 112) scale(${/[\p{Script=Han}]/u.test(character) ? 0.5 : 0.72} 1)" font-family="Noto Sans CJK SC" font-weight="700" font-size="${
      /[\p{Script=Han}]/u.test(character) ? 92 : 112
    }" fill="${ink}">${character}</text>`;
    leftMm += characterMm + (index === 1 ? (isGreen ? 49 : 34) : isGreen ? 9 : 12);
    return element;
  });
  return `<rect width="${widthMm}" height="140" rx="10" fill="${ground}"/><rect x="4" y="4" width="${widthMm - 8}" height="132" rx="8"
    fill="none" stroke="${ink}" stroke-width="3"/>${characters.join('')}`;
}

/** Where the plate's corners come to lie: turned by up to 35° sideways, 20° up or down, 8° in the picture. */
function project(face: RgbFrame, scale: number, random: Random | undefined): readonly Point[] {
  const spread = random ?? (() => 0.5);
  const [yaw, pitch, roll] = [(spread() - 0.5) * 70, (spread() - 0.5) * 40, (spread() - 0.5) * 16].map(
    (degrees) => (degrees * Math.PI) / 180,
  ) as [number, number, number];
  const [middleX, middleY] = [250 + spread() * 140, 200 + spread() * 60];
  const [halfX, halfY] = [(face.widthPx * scale) / 2, (face.heightPx * scale) / 2];
  const distance = 900;
  return (
    [
      [-halfX, -halfY],
      [halfX, -halfY],
      [halfX, halfY],
      [-halfX, halfY],
    ] as const
  ).map(([x, y]) => {
    const turnedX = x * Math.cos(yaw) + y * Math.sin(pitch) * Math.sin(yaw);
    const turnedY = y * Math.cos(pitch);
    const depth = distance / (distance - x * Math.sin(yaw) + y * Math.sin(pitch) * Math.cos(yaw));
    const [flatX, flatY] = [turnedX * depth, turnedY * depth];
    return [
      middleX + flatX * Math.cos(roll) - flatY * Math.sin(roll),
      middleY + flatX * Math.sin(roll) + flatY * Math.cos(roll),
    ];
  });
}

/** Lays a picture onto four corners, sixteen samples a pixel: what is far away is not to alias. */
function lay(face: RgbFrame, onto: RgbFrame, corners: readonly Point[]): void {
  const [a, b, c, d] = corners as readonly [Point, Point, Point, Point];
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const steps = 4;
  for (let y = Math.floor(Math.min(...ys)); y <= Math.ceil(Math.max(...ys)); y += 1) {
    for (let x = Math.floor(Math.min(...xs)); x <= Math.ceil(Math.max(...xs)); x += 1) {
      const sum = [0, 0, 0];
      for (let sample = 0; sample < steps * steps; sample += 1) {
        const at: Point = [x + ((sample % steps) + 0.5) / steps, y + (Math.floor(sample / steps) + 0.5) / steps];
        const inside = insideOf(at, a, b, c, d);
        const from = inside
          ? (Math.min(face.heightPx - 1, Math.floor(inside[1] * face.heightPx)) * face.widthPx +
              Math.min(face.widthPx - 1, Math.floor(inside[0] * face.widthPx))) *
            3
          : (y * onto.widthPx + x) * 3;
        for (let channel = 0; channel < 3; channel += 1) {
          sum[channel] = (sum[channel] as number) + ((inside ? face : onto).rgb[from + channel] as number);
        }
      }
      for (let channel = 0; channel < 3; channel += 1) {
        onto.rgb[(y * onto.widthPx + x) * 3 + channel] = (sum[channel] as number) / (steps * steps);
      }
    }
  }
}

/** Place of a point in a quad, 0..1 both ways, by inverting the bilinear map; undefined outside. */
function insideOf([x, y]: Point, a: Point, b: Point, c: Point, d: Point): Point | undefined {
  let [u, v] = [0.5, 0.5];
  for (let round = 0; round < 6; round += 1) {
    const at = (axis: 0 | 1) =>
      (1 - u) * (1 - v) * a[axis] + u * (1 - v) * b[axis] + u * v * c[axis] + (1 - u) * v * d[axis];
    const alongU = (axis: 0 | 1) => (1 - v) * (b[axis] - a[axis]) + v * (c[axis] - d[axis]);
    const alongV = (axis: 0 | 1) => (1 - u) * (d[axis] - a[axis]) + u * (c[axis] - b[axis]);
    const [errorX, errorY] = [at(0) - x, at(1) - y];
    const area = alongU(0) * alongV(1) - alongV(0) * alongU(1);
    u -= (errorX * alongV(1) - errorY * alongV(0)) / area;
    v -= (errorY * alongU(0) - errorX * alongU(1)) / area;
  }
  return u >= 0 && u < 1 && v >= 0 && v < 1 ? [u, v] : undefined;
}

/** Less light, and the noise of a sensor that makes up for it. */
function exposed(frame: RgbFrame, light: number, sigma: number, random: Random): RgbFrame {
  const rgb = Uint8ClampedArray.from(frame.rgb, (value) => {
    const noise = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return value * light + sigma * noise;
  });
  return { ...frame, rgb: new Uint8Array(rgb.buffer) };
}

function svg(content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}"><rect width="100%" height="100%" fill="#6f7276"/>${content}</svg>`;
}

async function frameOf(picture: Sharp): Promise<RgbFrame> {
  const { data, info } = await picture.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(data) };
}
