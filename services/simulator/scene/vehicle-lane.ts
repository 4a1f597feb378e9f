import sharp from 'sharp';
import { SCENE_HEIGHT_PX, SCENE_WIDTH_PX } from './backdrop.ts';
import { blitSprite } from './blit.ts';
import type { Composer } from './compose.ts';
import { burnFrameCounter } from './frame-counter.ts';
import { copyPlanes, createPlanes, planesFromRgb } from './picture-planes.ts';
import type { ClipName } from './scene-name.ts';
import { createSensorNoise } from './sensor-noise.ts';
import { VEHICLES, vehiclePoses } from './vehicle-drive.ts';
import { createVehicleSprite, VEHICLE_HEIGHT_PX, VEHICLE_WIDTH_PX } from './vehicle-sprite.ts';

export type VehicleClip = Extract<ClipName, 'vehicles' | 'vehicles-at-night'>;

export function isVehicleClip(clip: ClipName): clip is VehicleClip {
  return clip === 'vehicles' || clip === 'vehicles-at-night';
}

/** What is left of the daylight under the lamps of a gate. */
const NIGHT_LIGHT = 0.4;

/** The lane of a vehicle gate as its plate camera sees it: two cars drive up and through, a third one is parked beside. */
export async function createVehicleComposer(clip: VehicleClip): Promise<Composer> {
  const light = clip === 'vehicles' ? 1 : NIGHT_LIGHT;
  const { data } = await sharp(Buffer.from(laneSvg()))
    .resize(SCENE_WIDTH_PX, SCENE_HEIGHT_PX)
    .removeAlpha()
    .toColourspace('srgb')
    .linear(light, 0)
    .blur(0.7)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const backdrop = planesFromRgb(data, SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
  const sprites = await Promise.all(VEHICLES.map(({ plate, paint }) => createVehicleSprite(plate, paint, light)));
  const picture = createPlanes(SCENE_WIDTH_PX, SCENE_HEIGHT_PX);
  const noise = createSensorNoise(SCENE_WIDTH_PX * SCENE_HEIGHT_PX, 83);
  return {
    draw(frame) {
      copyPlanes(backdrop, picture);
      for (const { vehicle, xPx, yPx, scale } of vehiclePoses(frame)) {
        const [widthPx, heightPx] = [VEHICLE_WIDTH_PX * scale, VEHICLE_HEIGHT_PX * scale];
        const placement = { leftPx: xPx - widthPx / 2, topPx: yPx - heightPx / 2, widthPx, opacity: 1 };
        blitSprite(picture, sprites[vehicle]?.levels ?? [], placement);
      }
      // By night the sensor's gain goes up, and its noise with it.
      for (let gain = light; gain <= 1; gain *= 2) noise.addTo(picture);
      burnFrameCounter(picture, frame);
      return picture;
    },
  };
}

function laneSvg(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SCENE_WIDTH_PX}" height="${SCENE_HEIGHT_PX}">
  <defs><linearGradient id="asphalt" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7d7f82"/><stop offset="1" stop-color="#4b4e52"/></linearGradient>
    <filter id="grain" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.5" numOctaves="3" seed="11"/><feColorMatrix type="saturate" values="0"/></filter></defs>
  <rect width="1280" height="720" fill="#6c7a5e"/><rect width="1280" height="150" fill="#a9b3bd"/>
  <path d="M0 60H420V190L0 330Z" fill="#8d7767"/><path d="M1280 40H960V180L1280 300Z" fill="#7f6d5f"/>
  <path d="M520 140H820L1380 720H-220Z" fill="url(#asphalt)"/>
  <path d="M620 140H628L420 720H330Z" fill="#d8d6cc" opacity="0.5"/><path d="M820 140H828L1400 720H1360Z" fill="#c9c4b6"/>
  <path d="M520 140H512L-240 720H-190Z" fill="#c9c4b6"/>
  <rect x="1160" y="250" width="70" height="330" rx="6" fill="#d8a32a"/><rect x="1212" y="250" width="18" height="330" fill="#a97c1a"/>
  <circle cx="1195" cy="236" r="13" fill="#e0582f"/>
  <rect width="1280" height="720" filter="url(#grain)" opacity="0.14"/></svg>`;
}
