import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { fetchNpmFiles } from '@dipper/models/npm-files';
import { GROUP_PHOTO, portraitsFromGroupPhoto } from '@dipper/simulator/scene/group-photo';
import type { Portrait } from '@dipper/simulator/scene/portrait';
import sharp from 'sharp';

/**
 * Faces as a camera at a gate might see them: living heads that turn, and what somebody may hold into the camera instead.
 * Everything is made from three photographs by geometry; nobody stood before a camera. See README, "Pictures of faces".
 */
export type Presentation = 'living' | 'print' | 'screen' | 'cut-out' | 'replay';

/** Somebody in a photograph: cut out of it, and the photograph itself. */
export interface Sitter extends Portrait {
  readonly photo: Layer;
}

export interface PresentationOptions {
  readonly kind: Presentation;
  readonly sitter: Sitter;
  /** Changes speed, size, place and light. */
  readonly seed: number;
  readonly frameCount?: number;
  /** How high the face is in the frame, within some. Default 110. */
  readonly faceHeightPx?: number;
}

/** An RGBA picture. */
export interface Layer {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgba: Uint8Array;
}

const WIDTH = 480;
const HEIGHT = 360;
/** Frames of the sub-stream come so often. */
export const FRAME_GAP_MS = 200;

/** Three people of one photograph. Fetched, never in git. */
export async function sitters(): Promise<Sitter[]> {
  const { name, version, integrity, file } = GROUP_PHOTO;
  const cacheDir = fileURLToPath(new URL('../../data/test-pictures', import.meta.url));
  const files = await fetchNpmFiles({ ...{ package: name, version, integrity }, files: [file], cacheDir });
  const jpeg = await readFile(files.get(file.path) ?? '');
  const { data, info } = await sharp(jpeg).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const photo = { widthPx: info.width, heightPx: info.height, rgba: data };
  return (await portraitsFromGroupPhoto(jpeg)).map((portrait) => ({ ...portrait, photo }));
}

/** The frames of one attempt, as they come out of the decoder: with the camera's noise and the codec's losses. */
export async function present(options: PresentationOptions): Promise<RgbFrame[]> {
  const { kind, sitter, seed, frameCount = 12, faceHeightPx = 110 } = options;
  const random = mulberry32(seed * 7919 + kind.length);
  const pace = 0.5 + random();
  const phase = random() * Math.PI * 2;
  const placeX = WIDTH * (0.4 + random() * 0.2);
  const placeY = HEIGHT * (0.42 + random() * 0.1);
  const size = faceHeightPx * (0.85 + random() * 0.3);
  const turnDeg = 10 + random() * 8;
  const head = around(sitter, sitter, size, [size * 2.2, size * 2.4]);
  // A living head stays in its photograph, and turns there; the others are held before a wall.
  const room =
    kind === 'living' ? around(sitter.photo, sitter, size, [WIDTH * 1.1, HEIGHT * 1.1], mirrored) : undefined;
  const backdrop = paintBackdrop(random);
  const sheet = kind === 'print' || kind === 'screen' ? onSheet(head, kind, random) : undefined;

  const frames: RgbFrame[] = [];
  for (let index = 0; index < frameCount; index += 1) {
    const t = phase + index * 0.55 * pace;
    const yawDeg = turnDeg * Math.sin(t);
    const pitchDeg = 4 * Math.sin(t * 0.7 + 1);
    const centre = { x: placeX + 9 * Math.sin(t * 0.6), y: placeY + 5 * Math.cos(t * 0.8) };
    const canvas = Uint8Array.from(backdrop);
    if (room !== undefined) {
      draw(canvas, room, (x, y) => [x, y], centre);
      draw(canvas, head, solid(head, yawDeg, pitchDeg), centre);
    } else if (kind === 'replay') {
      const shown = onSheet(turned(head, yawDeg, pitchDeg), 'screen', mulberry32(seed));
      draw(canvas, shown, flat(shown, 5 * Math.sin(t * 0.5), 3 * Math.cos(t)), centre);
    } else {
      const held = sheet ?? head;
      draw(canvas, held, flat(held, yawDeg * 1.4, pitchDeg * 2), centre);
    }
    frames.push(await throughCamera(canvas, random));
  }
  return frames;
}

/** Where in a layer a pixel of the frame comes from, both relative to their centres. */
type Inverse = (x: number, y: number) => readonly [number, number];

/**
 * A head turned in space: the farther forward a point, the more it moves sideways. The depth is an ellipsoid's with a nose on
 * it, so a plane cannot explain how its points move.
 */
function solid(head: Layer, yawDeg: number, pitchDeg: number): Inverse {
  const [sinYaw, cosYaw] = [Math.sin(rad(yawDeg)), Math.cos(rad(yawDeg))];
  const [sinPitch, cosPitch] = [Math.sin(rad(pitchDeg)), Math.cos(rad(pitchDeg))];
  const [radiusX, radiusY] = [head.widthPx * 0.3, head.heightPx * 0.42];
  const depth = (x: number, y: number): number => {
    const round = 1 - (x / radiusX) ** 2 - (y / radiusY) ** 2;
    const nose = Math.exp(-((x / (radiusX * 0.22)) ** 2) - ((y - radiusY * 0.1) / (radiusY * 0.24)) ** 2);
    return radiusX * (0.95 * Math.sqrt(Math.max(0, round)) + 0.32 * nose);
  };
  return (x, y) => {
    let [sourceX, sourceY] = [x, y];
    // What lies at (X, Y, z) is seen at (X·cos + z·sin, …): solved for X and Y by going round a few times.
    for (let step = 0; step < 6; step += 1) {
      const z = depth(sourceX, sourceY) - radiusX * 0.45;
      sourceX = (x - z * sinYaw) / cosYaw;
      sourceY = (y - z * sinPitch) / cosPitch;
    }
    return [sourceX, sourceY];
  };
}

/** A sheet turned in space, seen from a hand's distance: a homography. */
function flat(sheet: Layer, yawDeg: number, pitchDeg: number): Inverse {
  const distance = sheet.widthPx * 3;
  const [sinYaw, cosYaw] = [Math.sin(rad(yawDeg)), Math.cos(rad(yawDeg))];
  const [sinPitch, cosPitch] = [Math.sin(rad(pitchDeg)), Math.cos(rad(pitchDeg))];
  return (x, y) => {
    // The ray through (x, y) meets the plane spanned by (cosYaw, 0, −sinYaw) and (sinYaw·sinPitch, cosPitch, cosYaw·sinPitch).
    const [a, b, c, d] = [
      cosYaw + (x * -sinYaw) / distance,
      sinYaw * sinPitch + (x * cosYaw * sinPitch) / distance,
      0,
      0,
    ];
    const [e, f] = [(y * -sinYaw) / distance + c, cosPitch + (y * cosYaw * sinPitch) / distance + d];
    const determinant = a * f - b * e;
    return [(x * f - b * y) / determinant, (a * y - e * x) / determinant];
  };
}

/** What lies around a face in a picture, scaled so that the face has this height. @param fold what is beyond its edges */
function around(
  picture: Layer,
  { face }: Portrait,
  faceHeightPx: number,
  [width, height]: readonly [number, number],
  fold = (place: number, _length: number) => place,
): Layer {
  const scale = face.heightPx / faceHeightPx;
  const [widthPx, heightPx] = [Math.round(width), Math.round(height)];
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      const fromX = face.centreXPx + (x - widthPx / 2) * scale;
      const fromY = face.centreYPx + (y - heightPx / 2) * scale;
      rgba.set(pixelAt(picture, fold(fromX, picture.widthPx), fold(fromY, picture.heightPx)), (y * widthPx + x) * 4);
    }
  }
  return { widthPx, heightPx, rgba };
}

/** A wall beyond a photograph's edges would be a rim around the face. */
function mirrored(place: number, length: number): number {
  const last = length - 1.01;
  const folded = Math.abs(place) % (2 * last);
  return folded <= last ? folded : 2 * last - folded;
}

/** The head as it looks turned, on a sheet of its own. */
function turned(head: Layer, yawDeg: number, pitchDeg: number): Layer {
  const inverse = solid(head, yawDeg, pitchDeg);
  const rgba = new Uint8Array(head.rgba.length);
  for (let y = 0; y < head.heightPx; y += 1) {
    for (let x = 0; x < head.widthPx; x += 1) {
      const [fromX, fromY] = inverse(x - head.widthPx / 2, y - head.heightPx / 2);
      rgba.set(pixelAt(head, fromX + head.widthPx / 2, fromY + head.heightPx / 2), (y * head.widthPx + x) * 4);
    }
  }
  return { ...head, rgba };
}

/** A print with its white margin, or a screen with its bezel, its grid of pixels and its own light. */
function onSheet(head: Layer, kind: 'print' | 'screen', random: () => number): Layer {
  const { widthPx, heightPx } = head;
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  const edge = Math.round(widthPx * 0.07);
  const moire = 0.5 + random() * 0.8;
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      const at = (y * widthPx + x) * 4;
      const isEdge = x < edge || y < edge || x >= widthPx - edge || y >= heightPx - edge;
      if (isEdge) {
        const tone = kind === 'print' ? 236 : 16;
        rgba.set([tone, tone, tone, 255], at);
        continue;
      }
      const alpha = (head.rgba[at + 3] ?? 0) / 255;
      const wave = kind === 'screen' ? 1 + 0.05 * Math.sin(x * moire) * Math.sin(y * moire * 1.07) : 1;
      for (let channel = 0; channel < 3; channel += 1) {
        const behind = [172, 182, 190][channel] ?? 0;
        const tone = (head.rgba[at + channel] ?? 0) * alpha + behind * (1 - alpha);
        // Ink has less contrast than life; a screen shines, and bluer.
        const shown = kind === 'print' ? 36 + tone * 0.78 : (tone * 0.95 + 22) * wave + (channel === 2 ? 12 : 0);
        rgba[at + channel] = Math.min(255, Math.max(0, shown));
      }
      rgba[at + 3] = 255;
    }
  }
  return { widthPx, heightPx, rgba };
}

function paintBackdrop(random: () => number): Uint8Array {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  const tone = 90 + random() * 60;
  const patches = Array.from({ length: 14 }, () => ({
    ...{ x: random() * WIDTH, y: random() * HEIGHT, radius: 40 + random() * 90, tone: (random() - 0.5) * 70 },
  }));
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      let value = tone + (y / HEIGHT) * 30;
      for (const patch of patches) {
        const distance = Math.hypot(x - patch.x, y - patch.y) / patch.radius;
        if (distance < 1) value += patch.tone * (1 - distance);
      }
      rgb.set([value, value * 1.02, value * 0.96], (y * WIDTH + x) * 3);
    }
  }
  return rgb;
}

function draw(canvas: Uint8Array, layer: Layer, inverse: Inverse, centre: { readonly x: number; readonly y: number }) {
  const [reachX, reachY] = [layer.widthPx * 0.6, layer.heightPx * 0.6];
  for (let y = Math.max(0, Math.ceil(centre.y - reachY)); y < Math.min(HEIGHT, centre.y + reachY); y += 1) {
    for (let x = Math.max(0, Math.ceil(centre.x - reachX)); x < Math.min(WIDTH, centre.x + reachX); x += 1) {
      const [fromX, fromY] = inverse(x - centre.x, y - centre.y);
      const [red, green, blue, opacity] = pixelAt(layer, fromX + layer.widthPx / 2, fromY + layer.heightPx / 2);
      if (opacity === 0) continue;
      const alpha = opacity / 255;
      const at = (y * WIDTH + x) * 3;
      for (const [channel, value] of [red, green, blue].entries()) {
        canvas[at + channel] = value * alpha + (canvas[at + channel] ?? 0) * (1 - alpha);
      }
    }
  }
}

/** Bilinear; nothing outside. */
function pixelAt({ widthPx, heightPx, rgba }: Layer, x: number, y: number): readonly [number, number, number, number] {
  if (!(x >= 0 && y >= 0 && x < widthPx - 1 && y < heightPx - 1)) return [0, 0, 0, 0];
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const here = (top * widthPx + left) * 4;
  const mix = (channel: number): number =>
    ((rgba[here + channel] ?? 0) * (1 - right) + (rgba[here + 4 + channel] ?? 0) * right) * (1 - down) +
    ((rgba[here + widthPx * 4 + channel] ?? 0) * (1 - right) + (rgba[here + widthPx * 4 + 4 + channel] ?? 0) * right) *
      down;
  return [mix(0), mix(1), mix(2), mix(3)];
}

async function throughCamera(rgb: Uint8Array, random: () => number): Promise<RgbFrame> {
  const noisy = rgb.map((value) => Math.min(255, Math.max(0, value + (random() + random() - 1) * 5)));
  const jpeg = await sharp(noisy, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .blur(0.6)
    .jpeg({ quality: 82 })
    .toBuffer();
  return { widthPx: WIDTH, heightPx: HEIGHT, rgb: await sharp(jpeg).raw().toBuffer() };
}

/** Tommy Ettinger's mulberry32: the same seed, the same attempt. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function rad(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
