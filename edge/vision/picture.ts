import sharp from 'sharp';
import { clipBox, type PixelBox } from './box.ts';
import { assertFrame, cropFrame, type RgbFrame } from './frame.ts';

/** Hair, chin and shoulders help a person to recognise a person: so many face sizes are added on every side. */
const MARGIN = 0.5;
const JPEG_QUALITY = 88;

export interface FacePicture {
  /** The picture's bytes. They are the face of somebody: encrypt before they touch a disk. */
  readonly jpeg: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Where the face lies in it. */
  readonly box: PixelBox;
}

/**
 * Cuts a face with a margin out of a frame and encodes it, in memory only. No metadata is written.
 * @throws VisionError FRAME_INVALID
 */
export async function cutFacePicture(frame: RgbFrame, box: PixelBox): Promise<FacePicture> {
  assertFrame(frame);
  const marginX = box.widthPx * MARGIN;
  const marginY = box.heightPx * MARGIN;
  const region = clipBox(
    {
      leftPx: box.leftPx - marginX,
      topPx: box.topPx - marginY,
      widthPx: box.widthPx + 2 * marginX,
      heightPx: box.heightPx + 2 * marginY,
    },
    frame,
  );
  const { crop, leftPx, topPx } = cropFrame(frame, region);
  const { widthPx, heightPx } = crop;
  const jpeg = await sharp(crop.rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return { jpeg, widthPx, heightPx, box: { ...box, leftPx: box.leftPx - leftPx, topPx: box.topPx - topPx } };
}
