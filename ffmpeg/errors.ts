/**
 * What can go wrong with ffmpeg or with the source it reads, and what to do next. The codes are stable: those that begin
 * with `STREAM_` become the `cause` of a camera's state.
 */
const NEXT_STEPS = {
  FFMPEG_MISSING: 'Install ffmpeg 5 or later, or set FFMPEG_PATH to its binary.',
  FFMPEG_UNSUITABLE: 'It must run, be of version 5 or later, and both decode and encode H.264.',
  FFMPEG_FAILED: "Its own words are in the error's message.",
  FFMPEG_ABORTED: 'Nothing: the caller stopped it.',
  STREAM_ADDRESS_INVALID: 'An address looks like rtsp://192.168.1.64:554/stream1.',
  STREAM_CREDENTIALS_UNUSABLE:
    'Give the device a user whose name has no ":", quote or backslash, and a shorter password.',
  STREAM_REFUSED: 'Check user name and password, and that the user may view this stream.',
  STREAM_NOT_FOUND: 'Check the path of the stream address; the device does not know it.',
  STREAM_NO_ROUTE: 'This machine has no way to that network: check its own address, gateway and VLAN.',
  STREAM_HOST_DOWN: 'Nothing answers at that address: check that the device has power and network.',
  STREAM_UNREACHABLE: 'Check the address, the port, and that the device has power and network.',
  STREAM_TIMED_OUT: 'The device accepted the connection and fell silent; restart it if this lasts.',
  STREAM_INVALID: 'Check that the stream is H.264 over RTSP and that the device offers TCP transport.',
  STREAM_ENDED: 'The device closed the stream; it is opened again after a pause.',
} as const;

export type FfmpegErrorCode = keyof typeof NEXT_STEPS;

/** The one error of this workspace. `message` ends with what to do next; it never contains credentials. */
export class FfmpegError extends Error {
  readonly code: FfmpegErrorCode;
  readonly nextStep: string;

  constructor(code: FfmpegErrorCode, what: string, options: { cause?: unknown; nextStep?: string } = {}) {
    const nextStep = options.nextStep ?? NEXT_STEPS[code];
    super(`${what} ${nextStep}`, { cause: options.cause });
    this.name = 'FfmpegError';
    this.code = code;
    this.nextStep = nextStep;
  }
}
