import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { chromaOf, lumaOf } from './picture-planes.ts';
import type { Portrait } from './portrait.ts';

/** A walker at one size. Colours are multiplied by alpha, so that blending is one multiplication and interpolation stays right. */
export interface SpriteLevel {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly alpha: Uint8Array;
}

export interface WalkerSprite {
  /** Largest first, each half the square of the one before (a factor of √½ in width). */
  readonly levels: readonly SpriteLevel[];
  /** The face's centre as a fraction of the sprite's size. */
  readonly faceX: number;
  readonly faceY: number;
}

/** Size of a walker as near as one comes: the face is then NEAR_FACE_PX high. */
export const SPRITE_WIDTH_PX = 620;
export const SPRITE_HEIGHT_PX = 1500;

/** 24 % of the scene's height. */
export const NEAR_FACE_PX = 173;

const FACE_X_PX = SPRITE_WIDTH_PX / 2;
const FACE_Y_PX = 190;
const LEVELS = 7;

/** Puts a portrait onto a drawn body, and scales it down for every distance. */
export async function createWalkerSprite(portrait: Portrait): Promise<WalkerSprite> {
  const scale = NEAR_FACE_PX / portrait.face.heightPx;
  const widthPx = Math.round(portrait.widthPx * scale);
  const heightPx = Math.round(portrait.heightPx * scale);
  const scaled = await sharp(portrait.rgba, {
    raw: { width: portrait.widthPx, height: portrait.heightPx, channels: 4 },
  })
    .resize(widthPx, heightPx, { kernel: 'lanczos3' })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const placed = await fitInto(scaled, {
    leftPx: Math.round(FACE_X_PX - portrait.face.centreXPx * scale),
    topPx: Math.round(FACE_Y_PX - portrait.face.centreYPx * scale),
    widthPx,
    heightPx,
  });
  const bust = await sharp({
    create: { width: SPRITE_WIDTH_PX, height: SPRITE_HEIGHT_PX, channels: 4, background: '#0000' },
  })
    .composite([placed, { input: Buffer.from(bustMaskSvg()), blend: 'dest-in' }])
    .png({ compressionLevel: 0 })
    .toBuffer();
  const whole = await sharp(Buffer.from(bodySvg(portrait.clothes)))
    .composite([{ input: bust }])
    .png({ compressionLevel: 0 })
    .toBuffer();
  const levels = await Promise.all(
    Array.from({ length: LEVELS }, async (_, index) => {
      const factor = Math.SQRT1_2 ** index;
      return levelFromPicture(
        sharp(whole).resize(Math.round(SPRITE_WIDTH_PX * factor), Math.round(SPRITE_HEIGHT_PX * factor), {
          fit: 'fill',
        }),
      );
    }),
  );
  return { levels, faceX: FACE_X_PX / SPRITE_WIDTH_PX, faceY: FACE_Y_PX / SPRITE_HEIGHT_PX };
}

interface Placement {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Crops what would stick out of the sprite, which `composite` refuses. */
async function fitInto(picture: Buffer, { leftPx, topPx, widthPx, heightPx }: Placement): Promise<OverlayOptions> {
  const cutLeft = Math.max(0, -leftPx);
  const cutTop = Math.max(0, -topPx);
  const visibleWidth = Math.min(widthPx - cutLeft, SPRITE_WIDTH_PX - Math.max(0, leftPx));
  const visibleHeight = Math.min(heightPx - cutTop, SPRITE_HEIGHT_PX - Math.max(0, topPx));
  const input = await sharp(picture)
    .extract({ left: cutLeft, top: cutTop, width: visibleWidth, height: visibleHeight })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return { input, left: Math.max(0, leftPx), top: Math.max(0, topPx) };
}

/** A picture as it is blended: planes, colours multiplied by alpha. */
export async function levelFromPicture(picture: Sharp): Promise<SpriteLevel> {
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const size = info.width * info.height;
  const level = {
    widthPx: info.width,
    heightPx: info.height,
    y: new Uint8Array(size),
    u: new Uint8Array(size),
    v: new Uint8Array(size),
    alpha: new Uint8Array(size),
  };
  for (let index = 0; index < size; index++) {
    const red = data[index * 4] ?? 0;
    const green = data[index * 4 + 1] ?? 0;
    const blue = data[index * 4 + 2] ?? 0;
    const alpha = data[index * 4 + 3] ?? 0;
    const { u, v } = chromaOf(red, green, blue);
    level.y[index] = Math.round((lumaOf(red, green, blue) * alpha) / 255);
    level.u[index] = Math.round((u * alpha) / 255);
    level.v[index] = Math.round((v * alpha) / 255);
    level.alpha[index] = alpha;
  }
  return level;
}

const TORSO =
  'M268 286Q206 306 158 330Q122 352 114 430L94 690L94 830Q112 856 134 836L152 700L166 560L186 760L210 920L410 920L434 760L454 560L468 700L486 836Q508 856 526 830L526 690L506 430Q498 352 462 330Q414 306 352 286Z';

/** Below the chin, the portrait is cut to the drawn body's outline: shoulders of photographs are cropped at odd places. */
function bustMaskSvg(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SPRITE_WIDTH_PX}" height="${SPRITE_HEIGHT_PX}">
    <defs><filter id="soft"><feGaussianBlur stdDeviation="4"/></filter></defs>
    <g filter="url(#soft)"><path d="M150 -20H470V296Q400 312 310 312T150 296Z"/><path d="${TORSO}"/></g></svg>`;
}

/** Torso, arms, legs and shadow in the sprite's pixels; a grown-up is about nine faces tall. */
function bodySvg({ red, green, blue }: Portrait['clothes']): string {
  const shade = (factor: number) => `rgb(${red * factor},${green * factor},${blue * factor})`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SPRITE_WIDTH_PX}" height="${SPRITE_HEIGHT_PX}">
    <defs><linearGradient id="cloth" x1="0" x2="1"><stop offset="0" stop-color="${shade(0.62)}"/><stop offset="0.35" stop-color="${shade(1)}"/>
      <stop offset="0.7" stop-color="${shade(0.92)}"/><stop offset="1" stop-color="${shade(0.5)}"/></linearGradient>
    <linearGradient id="leg" x1="0" x2="1"><stop offset="0" stop-color="#23262d"/><stop offset="0.5" stop-color="#343842"/><stop offset="1" stop-color="#1c1e24"/></linearGradient>
    <filter id="soft"><feGaussianBlur stdDeviation="3"/></filter><filter id="blur"><feGaussianBlur stdDeviation="14"/></filter></defs>
    <ellipse cx="310" cy="1452" rx="190" ry="26" fill="#000" opacity="0.45" filter="url(#blur)"/>
    <path d="M222 880L232 1180L238 1440L304 1440L308 1180L312 960L316 1180L322 1440L388 1440L392 1180L398 880Z" fill="url(#leg)" filter="url(#soft)"/>
    <path d="M232 1424Q214 1462 246 1466L304 1466V1430ZM388 1424Q406 1462 374 1466L320 1466V1430Z" fill="#1b1a1c" filter="url(#soft)"/>
    <path d="${TORSO}" fill="url(#cloth)" filter="url(#soft)"/>
    <path d="M160 520L176 700M460 520L444 700M310 560V900" stroke="${shade(0.5)}" stroke-width="5" opacity="0.55" filter="url(#soft)"/>
    <path d="M94 826Q92 868 112 872Q132 868 132 834ZM488 834Q488 868 508 872Q528 868 526 826Z" fill="#c39a80" filter="url(#soft)"/></svg>`;
}
