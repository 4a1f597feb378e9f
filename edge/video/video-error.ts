/** What can be wrong with video once it has left ffmpeg, and what to do next. The codes are stable and fit for `cause`. */
const MESSAGES = {
  STREAM_CODEC_UNSUPPORTED:
    'The stream is neither H.264 nor H.265. Set the codec of this profile to H.264 on the camera.',
  STREAM_ADDRESS_TIMED_OUT: 'The camera did not tell the address of its stream in time; restart it if this lasts.',
  STREAM_NO_KEY_FRAME: 'The camera sends pictures and no key frame to begin with. Shorten its key frame interval.',
  STREAM_TIME_STOPPED:
    "The times of the camera's pictures went back; the stream is opened anew. Restart the camera if this lasts.",
  EDGE_OVERLOADED: 'This machine decodes more slowly than the camera films; part of the picture was passed over.',
  STREAM_CLOSED: 'The stream has been closed by its owner.',
  MP4_TRUNCATED: 'The MP4 stream ended inside a box.',
  MP4_BOX_TOO_LARGE: 'A box of the MP4 stream is larger than allowed.',
  MP4_INVALID: 'The MP4 stream breaks its format.',
  PICTURES_INVALID: 'The decoder did not tell when its pictures were taken.',
  TRANSPORT_STREAM_INVALID: 'The MPEG-1 muxer wrote what is no transport stream.',
  PARAMETER_SETS_INVALID: 'The parameter sets of the stream cannot be read.',
  DECODER_STALLED: 'The decoder was fed and gave no picture.',
  WINDOW_UNAVAILABLE: 'The ring does not hold this time of the stream, or not yet.',
} as const;

export type VideoErrorCode = keyof typeof MESSAGES;

/** Something wrong with video. `detail` names the place, never content, addresses or credentials. */
export class VideoError extends Error {
  readonly code: VideoErrorCode;

  constructor(code: VideoErrorCode, options: { detail?: string; cause?: unknown } = {}) {
    const { detail, cause } = options;
    super(detail === undefined ? MESSAGES[code] : `${MESSAGES[code]} (${detail})`, { cause });
    this.name = 'VideoError';
    this.code = code;
  }
}

/** Whether something thrown is one of these, with this code if one is given. */
export function isVideoError(error: unknown, code?: VideoErrorCode): error is VideoError {
  return error instanceof VideoError && (code === undefined || error.code === code);
}
