import sharp from 'sharp';
import { PLATE_HEIGHT_MM, plateSvg, plateWidthMm, styleOf } from './vehicle-plate.ts';
import { levelFromPicture, type SpriteLevel } from './walker-sprite.ts';

/** A vehicle seen from the front, largest first; what a walker's sprite is. */
export interface VehicleSprite {
  readonly levels: readonly SpriteLevel[];
}

/** Size of a vehicle at scale 1: some 1.8 m wide, so that a plate of 440 mm is 154 pixels wide. */
export const VEHICLE_WIDTH_PX = 640;
export const VEHICLE_HEIGHT_PX = 520;
const PX_PER_MM = 0.35;
/** Drawn larger than it is shown, so that it may come nearer than the barrier. */
const OVERSIZE = 1.6;
const LEVELS = 8;

/** Draws a vehicle with its plate, and scales it down for every distance. @param light 0..1: 1 by day */
export async function createVehicleSprite(plate: string, paint: string, light: number): Promise<VehicleSprite> {
  const [widthPx, heightPx] = [VEHICLE_WIDTH_PX * OVERSIZE, VEHICLE_HEIGHT_PX * OVERSIZE];
  const body = await sharp(Buffer.from(vehicleSvg(plate, paint)))
    .linear([light, light, light, 1], [0, 0, 0, 0])
    .png({ compressionLevel: 0 })
    .toBuffer();
  // A step of its own: within one, sharp scales first and lays on afterwards.
  const lit = await sharp(body)
    .composite(light < 1 ? [{ input: Buffer.from(HEADLIGHTS) }] : [])
    .png({ compressionLevel: 0 })
    .toBuffer();
  const picture = await sharp(lit)
    .resize(Math.round(widthPx), Math.round(heightPx), { fit: 'fill' })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const levels = await Promise.all(
    Array.from({ length: LEVELS }, (_, index) => {
      const factor = Math.SQRT1_2 ** index;
      return levelFromPicture(
        sharp(picture).resize(Math.round(widthPx * factor), Math.round(heightPx * factor), { fit: 'fill' }),
      );
    }),
  );
  return { levels };
}

const SIZE = `width="${VEHICLE_WIDTH_PX}" height="${VEHICLE_HEIGHT_PX}"`;
const HEADLIGHTS = `<svg xmlns="http://www.w3.org/2000/svg" ${SIZE}>
  <defs><radialGradient id="beam"><stop offset="0" stop-color="#fffbe8"/>
    <stop offset="0.35" stop-color="#fff6d0" stop-opacity="0.75"/><stop offset="1" stop-color="#fff6d0" stop-opacity="0"/></radialGradient></defs>
  <circle cx="122" cy="280" r="96" fill="url(#beam)"/><circle cx="518" cy="291" r="96" fill="url(#beam)"/></svg>`;

function vehicleSvg(plate: string, paint: string): string {
  const style = styleOf(plate);
  const [plateLeft, plateTop] = [320 - (plateWidthMm(style) * PX_PER_MM) / 2, 388];
  // The camera hangs beside the lane: all that is level falls off a little to the right.
  return `<svg xmlns="http://www.w3.org/2000/svg" ${SIZE}>
    <defs><linearGradient id="paint" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${paint}"/><stop offset="1" stop-color="#1d1d20"/></linearGradient>
      <filter id="soft"><feGaussianBlur stdDeviation="9"/></filter></defs>
    <ellipse cx="320" cy="498" rx="300" ry="20" fill="#000" opacity="0.5" filter="url(#soft)"/>
    <g transform="translate(0 -8) skewY(1.6)">
      <path d="M132 190L186 52Q192 36 214 34H426Q448 36 454 52L508 190Z" fill="${paint}"/>
      <path d="M152 188L198 66Q203 54 218 53H422Q437 54 442 66L488 188Z" fill="#26313a"/>
      <path d="M212 184L246 62H300L262 184Z" fill="#50616e" opacity="0.55"/>
      <path d="M40 214Q44 190 82 188H558Q596 190 600 214L612 330V470Q612 486 596 486H44Q28 486 28 470V330Z" fill="url(#paint)"/>
      <path d="M62 262L176 250L190 306L70 312Z" fill="#d9dee2"/><path d="M578 262L464 250L450 306L570 312Z" fill="#d9dee2"/>
      <path d="M206 258H434L420 344H220Z" fill="#17181a"/><path d="M212 276H428M215 296H425M218 318H422" stroke="#3a3d41" stroke-width="5"/>
      <path d="M28 366H612V478Q612 492 596 492H44Q28 492 28 478Z" fill="#202124"/>
      <rect x="46" y="470" width="92" height="50" rx="8" fill="#101012"/><rect x="502" y="470" width="92" height="50" rx="8" fill="#101012"/>
      <g transform="translate(${plateLeft} ${plateTop}) scale(${PX_PER_MM})">${plateSvg(plate, style)}</g>
      <rect x="${plateLeft}" y="${plateTop + PLATE_HEIGHT_MM * PX_PER_MM - 3}" width="${plateWidthMm(style) * PX_PER_MM}" height="3" fill="#000" opacity="0.3"/>
    </g></svg>`;
}
