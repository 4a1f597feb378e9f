import type { PicturePlanes } from './picture-planes.ts';
import type { WalkerPose } from './walk.ts';
import { SPRITE_HEIGHT_PX, SPRITE_WIDTH_PX, type SpriteLevel, type WalkerSprite } from './walker-sprite.ts';

/** Blends a walker into the picture. */
export function blitWalker(onto: PicturePlanes, sprite: WalkerSprite, pose: WalkerPose): void {
  const widthPx = SPRITE_WIDTH_PX * pose.scale;
  const heightPx = SPRITE_HEIGHT_PX * pose.scale;
  blitSprite(onto, sprite.levels, {
    leftPx: pose.faceXPx - sprite.faceX * widthPx,
    topPx: pose.faceYPx - sprite.faceY * heightPx,
    widthPx,
    opacity: pose.opacity,
  });
}

export interface SpritePlacement {
  readonly leftPx: number;
  readonly topPx: number;
  /** How wide it is to be; its height is in proportion. */
  readonly widthPx: number;
  /** 0..1 */
  readonly opacity: number;
}

/** Blends a sprite into the picture, bilinearly sampled from the next larger level. @param levels largest first */
export function blitSprite(onto: PicturePlanes, levels: readonly SpriteLevel[], placement: SpritePlacement): void {
  const { leftPx, topPx, widthPx } = placement;
  const level = levels.findLast((candidate) => candidate.widthPx >= widthPx) ?? levels[0];
  if (level === undefined) throw new Error('a sprite has at least one level');
  const whole = { leftPx, topPx, ratio: level.widthPx / widthPx, opacity: Math.round(placement.opacity * 256) };
  blend(onto.y, onto.widthPx, onto.heightPx, level, level.y, whole);
  const half = { ...whole, leftPx: leftPx / 2, topPx: topPx / 2, ratio: whole.ratio * 2 };
  blend(onto.u, onto.widthPx / 2, onto.heightPx / 2, level, level.u, half);
  blend(onto.v, onto.widthPx / 2, onto.heightPx / 2, level, level.v, half);
}

interface BlendPlacement {
  readonly leftPx: number;
  readonly topPx: number;
  /** Sprite pixels per picture pixel. */
  readonly ratio: number;
  /** 0..256 */
  readonly opacity: number;
}

/** The inner loop of rendering: 8-bit fixed-point weights, colours multiplied by alpha already. */
function blend(
  plane: Uint8ClampedArray,
  planeWidth: number,
  planeHeight: number,
  level: SpriteLevel,
  colour: Uint8Array,
  { leftPx, topPx, ratio, opacity }: BlendPlacement,
): void {
  const { widthPx, heightPx, alpha } = level;
  const firstX = Math.max(0, Math.ceil(leftPx));
  const lastX = Math.min(planeWidth - 1, Math.floor(leftPx + (widthPx - 2) / ratio));
  const firstY = Math.max(0, Math.ceil(topPx));
  const lastY = Math.min(planeHeight - 1, Math.floor(topPx + (heightPx - 2) / ratio));
  for (let y = firstY; y <= lastY; y++) {
    const sourceY = (y - topPx) * ratio;
    const row = sourceY | 0;
    const downWeight = ((sourceY - row) * 256) | 0;
    const upWeight = 256 - downWeight;
    for (let x = firstX; x <= lastX; x++) {
      const sourceX = (x - leftPx) * ratio;
      const column = sourceX | 0;
      const index = row * widthPx + column;
      const below = index + widthPx;
      const rightWeight = ((sourceX - column) * 256) | 0;
      const leftWeight = 256 - rightWeight;
      const a =
        ((alpha[index] as number) * leftWeight + (alpha[index + 1] as number) * rightWeight) * upWeight +
        ((alpha[below] as number) * leftWeight + (alpha[below + 1] as number) * rightWeight) * downWeight;
      if (a === 0) continue;
      const c =
        ((colour[index] as number) * leftWeight + (colour[index + 1] as number) * rightWeight) * upWeight +
        ((colour[below] as number) * leftWeight + (colour[below + 1] as number) * rightWeight) * downWeight;
      const at = y * planeWidth + x;
      const under = plane[at] as number;
      plane[at] = under + ((c / 65_536 - (under * a) / 16_711_680) * opacity) / 256;
    }
  }
}
