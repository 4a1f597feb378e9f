/** The part of node-rtsp-stream 0.0.9 that is used; the package brings no types. */
declare module 'node-rtsp-stream/mpeg1muxer.js' {
  import type { ChildProcessWithoutNullStreams } from 'node:child_process';
  import type { EventEmitter } from 'node:events';

  interface Mpeg1MuxerOptions {
    readonly ffmpegPath: string;
    /** What ffmpeg reads. */
    readonly url: string;
    /** Options of the output, in order; an empty value is an option without one. */
    readonly ffmpegOptions?: Readonly<Record<string, string>>;
  }

  /** Starts an ffmpeg that makes MPEG-1 video in an MPEG transport stream of what it reads. */
  class Mpeg1Muxer extends EventEmitter {
    constructor(options: Mpeg1MuxerOptions);
    readonly stream: ChildProcessWithoutNullStreams;
  }

  export = Mpeg1Muxer;
}
