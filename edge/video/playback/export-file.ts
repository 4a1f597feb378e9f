import { findChild, getChild } from '../box-reader.ts';
import { mimeType } from '../codec.ts';
import type { RecordingStore } from '../recording/recording-store.ts';
import { picturesOf, type RecordedPicture, readHead } from './group-pictures.ts';
import { listGroups } from './recorded-groups.ts';

/** A piece of the file, in order; `key` begins a group. */
export interface FilePiece {
  readonly kind: 'init' | 'key' | 'delta';
  readonly atMs: number;
  readonly bytes: Buffer;
}

/** A stretch that the file does not show. `isOtherFormat`: recorded, but with other parameters than where the file begins. */
export interface FileGap {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly isOtherFormat: boolean;
}

export interface ExportFile {
  /** The bytes of the file, one after another. @throws RecordingError RECORDING_DAMAGED; what the file system throws */
  readonly pieces: AsyncIterable<FilePiece>;
  /** Once all pieces have been taken. `untilMs` is undefined when there were none. */
  outcome(): { readonly untilMs: number | undefined; readonly gaps: readonly FileGap[] };
}

export interface ExportOptions {
  readonly store: Pick<RecordingStore, 'read' | 'index'>;
  readonly device: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What two pictures of one run may lie apart, by the stream's own clock. */
const LONGEST_STEP_SEC = 2;
/** Pictures further apart than this by the wall clock have something missing between them. */
const GAP_MS = 1_500;

/**
 * Makes one fragmented MP4 of whole groups, without decoding: what any player takes. A picture's bytes stay as the camera
 * sent them, and its `prft` says when it was taken; what is new is the place of each picture on the file's own time line,
 * which has no holes (players stop at them). One file has one set of parameters: groups with others are left out and told.
 */
export function exportFile({ store, device, fromMs, untilMs }: ExportOptions): ExportFile {
  const gaps: { fromMs: number; untilMs: number; isOtherFormat: boolean }[] = [];
  let endedAtMs = fromMs;
  let hasBegun = false;

  function note(gapFromMs: number, gapUntilMs: number, isOtherFormat: boolean): void {
    const last = gaps.at(-1);
    if (last?.isOtherFormat && isOtherFormat && gapFromMs - last.untilMs <= GAP_MS) {
      last.untilMs = gapUntilMs;
    } else gaps.push({ fromMs: gapFromMs, untilMs: gapUntilMs, isOtherFormat });
  }

  async function* pieces(): AsyncGenerator<FilePiece, void> {
    let head: Buffer | undefined;
    const timeline = createFileTimeline();
    for await (const group of listGroups(store, { device, fromMs, untilMs })) {
      const init = readHead(group.head);
      const pictures = picturesOf(group.bytes, init);
      const last = pictures.at(-1);
      if (last === undefined) continue;
      if (group.atMs - endedAtMs > GAP_MS) note(endedAtMs, group.atMs, false);
      const groupEndMs = last.atMs + (last.fragment.durationTicks / init.timescale) * 1000;
      if (head !== undefined && !head.equals(group.head)) {
        note(group.atMs, groupEndMs, true);
        endedAtMs = groupEndMs;
        continue;
      }
      if (head === undefined) {
        head = group.head;
        yield { kind: 'init', atMs: group.atMs, bytes: head };
      }
      hasBegun = true;
      for (const [place, picture] of pictures.entries()) {
        timeline.place(picture, init.timescale);
        yield { kind: place === 0 ? 'key' : 'delta', atMs: picture.atMs, bytes: picture.bytes };
      }
      endedAtMs = groupEndMs;
    }
    if (untilMs - endedAtMs > GAP_MS) note(endedAtMs, untilMs, false);
  }

  return { pieces: pieces(), outcome: () => ({ untilMs: hasBegun ? endedAtMs : undefined, gaps }) };
}

/** Writes into pictures where they stand in the file. */
function createFileTimeline(): { place(picture: RecordedPicture, timescale: number): void } {
  let sequence = 0;
  let nextTicks = 0;
  let offsetTicks = 0;
  return {
    place({ fragment, moof, prft }, timescale) {
      const off = fragment.decodeTime + offsetTicks - nextTicks;
      // Another run, or a gap: it goes on where the last picture ended. Within a run the stream's own steps are kept.
      if (sequence === 0 || off < 0 || off > LONGEST_STEP_SEC * timescale)
        offsetTicks = nextTicks - fragment.decodeTime;
      const atTicks = fragment.decodeTime + offsetTicks;
      getChild(moof.content, 'mfhd').content.writeUInt32BE(++sequence, 4); // §8.8.5
      const traf = getChild(moof.content, 'traf').content;
      writeTime(findChild(traf, 'tfdt')?.content, atTicks, 4); // §8.8.12
      writeTime(prft.content, atTicks, 16); // §8.16.5
      nextTicks = atTicks + fragment.durationTicks;
    },
  };
}

/** Version 1 of a box has 64 bits for a time, version 0 has 32. */
function writeTime(content: Buffer | undefined, ticks: number, offset: number): void {
  if (content === undefined) return;
  if (content[0] === 1) content.writeBigUInt64BE(BigInt(ticks), offset);
  else content.writeUInt32BE(ticks, offset);
}

/** RFC 6381 type of what a head begins. @throws RecordingError RECORDING_DAMAGED */
export function mimeOf(head: Buffer): string {
  return mimeType(readHead(head).format);
}
