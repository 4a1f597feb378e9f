import type { InitSegment } from './init-segment.ts';

/** How a stream stands. */
export type StreamState =
  | { readonly kind: 'connecting' }
  /** Told again when the camera is set to another size while it streams. */
  | { readonly kind: 'online'; readonly init: InitSegment }
  | {
      readonly kind: 'failed';
      /** `STREAM_…`, `FFMPEG_…`, `MP4_…`: stable, see the error classes of the video and ffmpeg folders. */
      readonly cause: string;
      /** For people; without credentials. */
      readonly message: string;
      readonly retryInMs: number;
    };

/** Where the stream is right now. Credentials apart from the address, so that the address can be shown. */
export interface StreamAddress {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}
