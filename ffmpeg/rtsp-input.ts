import { FfmpegError } from './errors.ts';
import { encodeUserinfo } from './mask-secrets.ts';

/** `auth[128]` in ffmpeg's rtsp.c holds the encoded `user:password` and its end mark; what is longer is cut off silently. */
const MAX_USERINFO_BYTES = 127;

export interface RtspSource {
  /** `rtsp://` or `rtsps://`; user name and password inside are used unless given apart. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** How long the device may say nothing before the run ends. */
  readonly timeoutMs: number;
  /**
   * How much ffmpeg reads to learn what the stream is, in bytes. The default opens a stream in a fifth of a second when
   * its SDP carries the parameter sets; one that does not needs a whole key frame.
   */
  readonly probeBytes?: number;
}

export interface RtspInput {
  /** Input options, up to and including `-i`. */
  readonly args: readonly string[];
  /** What to write to ffmpeg's standard input; then close it. */
  readonly stdin: string;
  /** What must not appear in a log. */
  readonly secrets: readonly string[];
}

/**
 * One RTSP stream over TCP as ffmpeg's input, by way of an ffconcat script on its standard input: the address and the
 * password are then nowhere in `/proc/<pid>/cmdline`. Needs ffmpeg 5 (`option` in ffconcat scripts).
 *
 * @throws FfmpegError STREAM_ADDRESS_INVALID, STREAM_CREDENTIALS_UNUSABLE
 */
export function rtspInputScript(source: RtspSource): RtspInput {
  const { url, username, password } = parseSource(source);
  const options = {
    rtsp_transport: 'tcp',
    timeout: String(Math.round(source.timeoutMs * 1000)), // microseconds of silence on the socket
    probesize: String(source.probeBytes ?? 32_768),
  };
  return {
    // No `-fflags nobuffer`: it throws away what was read for probing, and with it the first key frame; a stream is then
    // seen one group of pictures later (measured: 2.2 s against 0.5 s), and no picture sooner.
    // The whitelist keeps a device's redirect from making ffmpeg open files or other protocols.
    args: ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,rtsp,tcp,tls', '-i', 'pipe:0'],
    stdin: [
      'ffconcat version 1.0',
      `file ${quoteForFfconcat(url)}`,
      ...Object.entries(options).map(([name, value]) => `option ${name} ${value}`),
      '',
    ].join('\n'),
    secrets: password === '' ? [] : [password, `${username}:${password}`],
  };
}

function parseSource(source: RtspSource): { url: string; username: string; password: string } {
  // URL removes tabs and line ends, which would otherwise start a new line of the script.
  const url = URL.canParse(source.url) ? new URL(source.url) : undefined;
  if (url === undefined || !/^rtsps?:$/.test(url.protocol) || url.hostname === '') {
    throw new FfmpegError('STREAM_ADDRESS_INVALID', 'The stream address is not one of RTSP.');
  }
  const username = source.username ?? decodeUserinfo(url.username);
  const password = source.password ?? decodeUserinfo(url.password);
  // ffmpeg splits at the first colon and writes the name unescaped into a quoted string of the digest header.
  if (/[:"\\]|\p{Cc}/u.test(username)) {
    throw new FfmpegError('STREAM_CREDENTIALS_UNUSABLE', 'The user name has a character that ffmpeg cannot send.');
  }
  const userinfo = `${encodeUserinfo(username)}:${encodeUserinfo(password)}`;
  if (userinfo.length > MAX_USERINFO_BYTES) {
    throw new FfmpegError(
      'STREAM_CREDENTIALS_UNUSABLE',
      `User name and password take more than the ${MAX_USERINFO_BYTES} bytes, URL-encoded, that ffmpeg has room for.`,
    );
  }
  url.username = '';
  url.password = '';
  const address = userinfo === ':' ? url.href : url.href.replace('://', () => `://${userinfo}@`);
  return { url: address, username, password };
}

function decodeUserinfo(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare % that was never meant as an escape
  }
}

/** ffmpeg's own quoting (`av_get_token`): nothing is special between single quotes but the quote itself. */
export function quoteForFfconcat(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
