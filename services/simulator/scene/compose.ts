import {
  renderBackdrop,
  renderCoveredBackdrop,
  renderTurnedBackdrop,
  SCENE_HEIGHT_PX,
  SCENE_WIDTH_PX,
} from './backdrop.ts';
import { blitWalker } from './blit.ts';
import { burnFrameCounter } from './frame-counter.ts';
import { copyPlanes, createPlanes, type PicturePlanes } from './picture-planes.ts';
import type { ClipName } from './scene-name.ts';
import { createSensorNoise } from './sensor-noise.ts';
import { createVehicleComposer, isVehicleClip } from './vehicle-lane.ts';
import { FRAMES_PER_SEC, findWalkerPose } from './walk.ts';
import type { WalkerSprite } from './walker-sprite.ts';

export interface Composer {
  /** Draws one frame of the loop. The picture is reused: take what you need before the next call. */
  draw(frame: number): PicturePlanes;
}

/** @param walkers one per visit of the loop; only `people` shows them */
export async function createComposer(clip: ClipName, walkers: readonly WalkerSprite[]): Promise<Composer> {
  if (isVehicleClip(clip)) return createVehicleComposer(clip);
  const backdrop = await backdropOf(clip);
  const picture = createPlanes(SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
  const noise = createSensorNoise(SCENE_WIDTH_PX * SCENE_HEIGHT_PX, 71);
  const frozen = createPlanes(SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
  copyPlanes(backdrop, frozen);
  noise.addTo(frozen);
  return {
    draw(frame) {
      if (clip === 'frozen-clock') {
        copyPlanes(frozen, picture);
      } else {
        copyPlanes(backdrop, picture);
        if (clip === 'people' || clip === 'empty') liven(picture, backdrop, frame);
        if (clip === 'people') drawWalker(picture, walkers, frame);
        noise.addTo(picture);
      }
      burnFrameCounter(picture, frame);
      return picture;
    },
  };
}

function backdropOf(clip: ClipName): Promise<PicturePlanes> {
  if (clip === 'covered') return renderCoveredBackdrop();
  return clip === 'turned' ? renderTurnedBackdrop() : renderBackdrop();
}

function drawWalker(picture: PicturePlanes, walkers: readonly WalkerSprite[], frame: number): void {
  const pose = findWalkerPose(frame, walkers.length);
  const sprite = pose === undefined ? undefined : walkers[pose.visit];
  if (pose !== undefined && sprite !== undefined) blitWalker(picture, sprite, pose);
}

/** The tree's crown in the backdrop, and the lamp on the barrier. */
const CROWN = { leftPx: 2, topPx: 2, widthPx: 344, heightPx: 260 } as const;
const LAMP = { leftPx: 577, topPx: 406, sizePx: 16 } as const;

/** What moves in a street without people: leaves in the wind, and the barrier's lamp. All periods divide the loop's 40 s. */
function liven(picture: PicturePlanes, backdrop: PicturePlanes, frame: number): void {
  const seconds = frame / FRAMES_PER_SEC;
  for (let row = 0; row < CROWN.heightPx; row++) {
    // The crown bends more the higher it is; neighbouring rows move together.
    const reach = 1 - row / CROWN.heightPx;
    const shift =
      reach * (1.4 * Math.sin((seconds * Math.PI) / 2 + row / 40) + 0.6 * Math.sin(seconds * Math.PI + row / 17));
    const whole = Math.floor(shift);
    const weight = shift - whole;
    const start = (CROWN.topPx + row) * picture.widthPx + CROWN.leftPx;
    for (let column = 2; column < CROWN.widthPx; column++) {
      const from = start + column + whole;
      picture.y[start + column] =
        (backdrop.y[from] as number) * (1 - weight) + (backdrop.y[from + 1] as number) * weight;
    }
  }
  if (Math.floor(seconds) % 2 === 0) return;
  for (let row = 0; row < LAMP.sizePx; row++) {
    const start = (LAMP.topPx + row) * picture.widthPx + LAMP.leftPx;
    for (let column = 0; column < LAMP.sizePx; column++) {
      picture.y[start + column] = (picture.y[start + column] as number) * 0.7;
    }
  }
}
