import type { LiveFrameKind } from '@dipper/contract/uplink';
import type { LiveViewer } from './live-viewer.ts';

/** A camera with one key frame in ten seconds at 8 Mbit/s; beyond, a late joiner waits for the next key frame. */
const MAX_GROUP_BYTES = 10 * 1024 * 1024;

/** What somebody who joins late needs to see a picture at once: header, init segment, and the pictures since the last key frame. */
export interface LiveGroup {
  header(text: string): void;
  frame(kind: LiveFrameKind, frame: Uint8Array): void;
  /** Brings a viewer up to where everybody is. */
  catchUp(viewer: LiveViewer): void;
}

export function createLiveGroup(): LiveGroup {
  let header: string | undefined;
  let init: Uint8Array | undefined;
  let pictures: Uint8Array[] = [];
  let bytes = 0;
  const forget = (): void => {
    pictures = [];
    bytes = 0;
  };
  return {
    header(text) {
      header = text;
      init = undefined;
      forget();
    },
    frame(kind, frame) {
      if (kind === 'init') {
        init = frame;
        forget();
        return;
      }
      if (kind === 'key') forget();
      else if (pictures.length === 0) return;
      pictures.push(frame);
      bytes += frame.byteLength;
      if (bytes > MAX_GROUP_BYTES) forget();
    },
    catchUp(viewer) {
      if (header === undefined) return;
      viewer.header(header);
      if (init === undefined) return;
      viewer.init(init);
      const [key, ...deltas] = pictures;
      if (key === undefined) return;
      viewer.key(key);
      for (const delta of deltas) viewer.delta(delta);
    },
  };
}
