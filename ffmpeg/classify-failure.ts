import type { FfmpegErrorCode } from './errors.ts';

/** ffmpeg's words (5.1 to 7.1, with the C library's strerror texts), most telling first: one failure prints several. */
const WORDS: readonly (readonly [RegExp, FfmpegErrorCode])[] = [
  [/\b40[13] (Unauthorized|Forbidden)|authorization failed|access denied/i, 'STREAM_REFUSED'],
  [/\b404 Not Found|\b454 Session Not Found/i, 'STREAM_NOT_FOUND'],
  // ENETUNREACH: our own table of routes has none. EHOSTUNREACH: nobody answered for the address, on the link or behind it.
  [/Network is (unreachable|down)/i, 'STREAM_NO_ROUTE'],
  [/No route to host|Host is (unreachable|down)/i, 'STREAM_HOST_DOWN'],
  [
    /Connection refused|Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    'STREAM_UNREACHABLE',
  ],
  [/timed out|ETIMEDOUT/i, 'STREAM_TIMED_OUT'],
  [
    /Invalid data found|\b4\d\d (Unsupported Transport|Bad Request|Method Not)|Protocol '.*' not on whitelist|not supported|Could not find codec parameters|matches no streams/i,
    'STREAM_INVALID',
  ],
  [/Connection reset by peer|Broken pipe|End of file/i, 'STREAM_ENDED'],
];

/**
 * Says why a run of ffmpeg on a stream ended, from the last lines of its standard error. Every end of such a run is a
 * failure: ffmpeg also exits with 0 when a stalled source hits its timeout or the device hangs up.
 *
 * @param run.wasSilent whether not a byte had come when the source's time limit passed. A device that accepts the
 *   connection and never answers gives "Invalid data found" and no word of the timeout, so the time has to tell.
 */
export function classifyFfmpegFailure(
  stderrTail: string,
  run: { readonly wasSilent: boolean } = { wasSilent: false },
): FfmpegErrorCode {
  const code = WORDS.find(([words]) => words.test(stderrTail))?.[1];
  if (run.wasSilent && (code === undefined || code === 'STREAM_INVALID')) return 'STREAM_TIMED_OUT';
  if (code !== undefined) return code;
  return stderrTail.trim() === '' ? 'STREAM_ENDED' : 'FFMPEG_FAILED';
}
