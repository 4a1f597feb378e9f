import { mimeType } from '../codec.ts';
import type { LivePiece } from '../live-feed.ts';
import { SEAM_MS } from '../recording/recording-reader.ts';
import type { RecordingStore } from '../recording/recording-store.ts';
import { picturesOf, readHead } from './group-pictures.ts';
import { listGroups } from './recorded-groups.ts';

/** What a viewer is sent: as live, then where the recording goes on, if it does. */
export type PlaybackPiece = LivePiece | { readonly kind: 'end'; readonly nextAtMs: number | undefined };

export interface PlaybackOptions {
  readonly store: Pick<RecordingStore, 'read' | 'index'>;
  readonly device: string;
  readonly atMs: number;
  /** Resolves once a group that begins at this time may be sent; rejects when nobody wants it any more. */
  readonly admit: (atMs: number) => Promise<void>;
}

/**
 * Plays from the group that shows an instant, untouched, to the next gap or to the end of what is recorded. Holds one
 * group at a time. The picture of the instant itself is somewhere in the first group, whose pictures before it are needed
 * to decode it.
 *
 * @throws RecordingError RECORDING_DAMAGED; what `admit` rejects with; what the file system throws
 */
export async function* playRecording(options: PlaybackOptions): AsyncGenerator<PlaybackPiece, void> {
  const { store, device, atMs, admit } = options;
  let head: Buffer | undefined;
  let init: ReturnType<typeof readHead> | undefined;
  let lastAtMs: number | undefined;
  let lastTicks = 0;
  for await (const group of listGroups(store, { device, fromMs: atMs, untilMs: Number.MAX_SAFE_INTEGER })) {
    if (group.atMs - (lastAtMs ?? atMs) > SEAM_MS) return yield { kind: 'end', nextAtMs: group.atMs };
    await admit(group.atMs);
    const current: ReturnType<typeof readHead> =
      init !== undefined && head === group.head ? init : readHead(group.head);
    const pictures = picturesOf(group.bytes, current);
    const firstTicks = pictures[0]?.fragment.decodeTime ?? 0;
    // The same head with a clock that began anew is another run of the stream.
    const isNewRun = head !== group.head || firstTicks < lastTicks || firstTicks - lastTicks > 10 * current.timescale;
    const { bytes, widthPx, heightPx, format } = current;
    if (isNewRun) {
      yield { kind: 'init', format: format.kind, bytes, mime: mimeType(format), widthPx, heightPx, atMs: group.atMs };
    }
    head = group.head;
    init = current;
    for (const [place, picture] of pictures.entries()) {
      lastAtMs = picture.atMs;
      lastTicks = picture.fragment.decodeTime;
      yield { kind: place === 0 ? 'key' : 'delta', bytes: picture.fragment.bytes, atMs: picture.atMs };
    }
  }
  yield { kind: 'end', nextAtMs: undefined };
}
