import { type Box, childBoxes } from '../box-reader.ts';
import { type Fragment, readFragment, readProducerReferenceTime } from '../fragment.ts';
import { type InitSegment, readInitSegment } from '../init-segment.ts';
import { RecordingError } from '../recording/recording-error.ts';

/** One picture of a recorded group. The boxes are views into the group: who writes into them changes it. */
export interface RecordedPicture {
  readonly atMs: number;
  readonly fragment: Fragment;
  readonly moof: Box;
  readonly prft: Box;
  /** All of it with what stands before it in the group, as on disk. */
  readonly bytes: Buffer;
}

/** @throws RecordingError RECORDING_DAMAGED */
export function readHead(head: Buffer): InitSegment {
  return orDamaged(() => {
    const [ftyp, moov] = [...childBoxes(head)];
    if (ftyp === undefined || moov === undefined) throw new RecordingError('RECORDING_DAMAGED', { detail: 'no head' });
    return readInitSegment(ftyp, moov);
  });
}

/**
 * The pictures of a group, in order; the first needs no others.
 * @throws RecordingError RECORDING_DAMAGED
 */
export function picturesOf(group: Buffer, init: InitSegment): RecordedPicture[] {
  return orDamaged(() => {
    const pictures: RecordedPicture[] = [];
    let start = 0;
    let offset = 0;
    let prft: Box | undefined;
    let moof: Box | undefined;
    for (const box of childBoxes(group)) {
      offset += box.bytes.length;
      if (box.type === 'prft') prft = box;
      else if (box.type === 'moof') moof = box;
      else if (box.type === 'mdat' && prft !== undefined && moof !== undefined) {
        const atMs = readProducerReferenceTime(prft);
        const fragment = readFragment(init, moof, box, atMs);
        pictures.push({ atMs, fragment, moof, prft, bytes: group.subarray(start, offset) });
        start = offset;
        prft = undefined;
        moof = undefined;
      }
    }
    return pictures;
  });
}

function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RecordingError) throw cause;
    throw new RecordingError('RECORDING_DAMAGED', { cause });
  }
}
