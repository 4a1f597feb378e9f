import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { SimulatorError } from '../simulator-error.ts';
import { meanColour, type Portrait } from './portrait.ts';

const PICTURE_NAME = /\.(jpe?g|png)$/i;

/** More people than this do not fit into one loop of the scene. */
const MAX_PORTRAITS = 6;

/** Every portrait is brought to this size: the proportion of a passport picture. */
const WIDTH_PX = 360;
const HEIGHT_PX = 450;

/** The portraits in a folder, in order of their names. @throws SimulatorError SCENE_PICTURES_UNAVAILABLE */
export async function listPortraits(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new SimulatorError('SCENE_PICTURES_UNAVAILABLE', `The folder of pictures ${folder} cannot be read.`, {
      cause,
    });
  });
  const pictures = names.filter((name) => PICTURE_NAME.test(name)).sort();
  if (pictures.length === 0) {
    throw new SimulatorError('SCENE_PICTURES_UNAVAILABLE', `Put at least one .jpg or .png portrait into ${folder}.`);
  }
  return pictures.slice(0, MAX_PORTRAITS).map((name) => join(folder, name));
}

/**
 * Reads one portrait: JPEG or PNG of one person, the face in the middle of the upper half and about 40 % of the picture's
 * height, as in a passport picture. Wide pictures are cropped to where skin and detail are.
 * @throws SimulatorError SCENE_PICTURES_UNAVAILABLE
 */
export async function readPortrait(path: string): Promise<Portrait> {
  const mask = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}"><defs>
      <filter id="feather" x="-0.1" y="-0.1" width="1.2" height="1.2"><feGaussianBlur stdDeviation="9"/></filter></defs>
      <path d="M72 190Q72 26 180 26T288 190Q292 262 262 300L338 348V420H22V348L98 300Q68 262 72 190Z" fill="#fff" filter="url(#feather)"/></svg>`,
  );
  try {
    const rgba = await sharp(path)
      .rotate()
      .resize(WIDTH_PX, HEIGHT_PX, { fit: 'cover', position: sharp.strategy.attention })
      .toColourspace('srgb')
      .ensureAlpha()
      .composite([{ input: mask, blend: 'dest-in' }])
      .raw()
      .toBuffer();
    return {
      rgba,
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      face: { centreXPx: WIDTH_PX * 0.5, centreYPx: HEIGHT_PX * 0.44, heightPx: HEIGHT_PX * 0.42 },
      clothes: meanColour(rgba, WIDTH_PX, HEIGHT_PX, 0.8, 0.93),
    };
  } catch (cause) {
    throw new SimulatorError(
      'SCENE_PICTURES_UNAVAILABLE',
      `The picture ${path} cannot be decoded; remove or replace it.`,
      {
        cause,
      },
    );
  }
}
