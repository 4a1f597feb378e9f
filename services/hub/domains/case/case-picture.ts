import type { ATTACHMENT_TYPES } from '@dipper/contract/api/case-attachment';
import { DipperError } from '@dipper/contract/errors';
import sharp, { type Sharp } from 'sharp';
import { type ExifLocation, locationFromExif } from './exif-location.ts';

export type PictureType = (typeof ATTACHMENT_TYPES)[number];

/** As many as the largest phone sensors of today; more is a decompression bomb. */
const MAX_INPUT_PIXELS = 64_000_000;
/** Enough to read a number plate or a meter; the original of a phone is six times as large. */
const MAX_SIDE_PX = 2560;
const JPEG_QUALITY = 85;
/** The largest picture that is let in takes some five seconds on a slow machine. */
const MAX_DRAWING_SEC = 20;
/** As many bytes as the longest signature needs. */
export const SIGNATURE_BYTES = 12;

export interface DrawnPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: number;
  /** Where the phone says it was taken. */
  readonly location: ExifLocation | undefined;
}

/** What a file really is, by how it begins; undefined for anything but the three types. */
export function pictureTypeOf(start: Buffer): PictureType | undefined {
  if (start.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  // ISO/IEC 15948, §5.2.
  if (start.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png';
  // RFC 9649, §2.4.
  const isWebP = start.toString('latin1', 0, 4) === 'RIFF' && start.toString('latin1', 8, 12) === 'WEBP';
  return isWebP ? 'image/webp' : undefined;
}

/**
 * Draws a picture anew: upright, no larger than needed, and with nothing in it but its pixels. What was hidden in the
 * file (position, owner, thumbnail, a program behind the picture) does not come along.
 *
 * @throws DipperError ATTACHMENT_TOO_MANY_PIXELS before anything is decoded, ATTACHMENT_UNREADABLE
 */
export async function drawAnew(from: string, to: string, type: PictureType): Promise<DrawnPicture> {
  const exif = await readHeader(from);
  try {
    const picture = sharp(from, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' }).timeout({
      seconds: MAX_DRAWING_SEC,
    });
    const upright = picture
      .autoOrient()
      .resize({ width: MAX_SIDE_PX, height: MAX_SIDE_PX, fit: 'inside', withoutEnlargement: true });
    const drawn = type === 'image/jpeg' ? upright.jpeg({ quality: JPEG_QUALITY }) : inType(upright, type);
    const { width, height, size } = await drawn.toFile(to);
    const location = exif === undefined ? undefined : locationFromExif(exif);
    return { widthPx: width, heightPx: height, bytes: size, location };
  } catch (cause) {
    throw new DipperError('ATTACHMENT_UNREADABLE', { cause });
  }
}

/** Looks at what a picture says of itself: a few kilobytes may claim to be a gigapixel. @returns its EXIF block */
async function readHeader(file: string): Promise<Buffer | undefined> {
  const { width, height, exif } = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw new DipperError('ATTACHMENT_UNREADABLE', { cause });
    });
  if (width * height > MAX_INPUT_PIXELS) {
    throw new DipperError('ATTACHMENT_TOO_MANY_PIXELS', { detail: { widthPx: width, heightPx: height } });
  }
  return exif;
}

function inType(picture: Sharp, type: 'image/png' | 'image/webp'): Sharp {
  return type === 'image/png' ? picture.png({ compressionLevel: 8 }) : picture.webp({ quality: JPEG_QUALITY });
}
