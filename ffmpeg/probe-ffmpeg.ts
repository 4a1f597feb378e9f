import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `option` lines in ffconcat scripts came with 5.0; the RTSP input needs them. */
const MIN_MAJOR_VERSION = 5;
const PROBE_TIMEOUT_MS = 15_000;

export type ProbeResult =
  | { readonly isSuitable: true; readonly version: string }
  | { readonly isSuitable: false; readonly reason: string };

/** Runs a binary to see whether it is an ffmpeg that we can use. Never throws. */
export async function probeFfmpeg(path: string): Promise<ProbeResult> {
  try {
    const { stdout: banner } = await run(path, ['-hide_banner', '-version'], { timeout: PROBE_TIMEOUT_MS });
    const version = /^ffmpeg version (\S+)/.exec(banner)?.[1];
    if (version === undefined) return { isSuitable: false, reason: `${path} is not ffmpeg` };
    // Builds from git are named by commit (`N-112345-g…`) and are newer than any release we would refuse.
    const major = /^n?(\d+)\./.exec(version)?.[1];
    if (major !== undefined && Number(major) < MIN_MAJOR_VERSION) {
      return { isSuitable: false, reason: `${path} is version ${version}, older than ${MIN_MAJOR_VERSION}` };
    }
    const { stdout: codecs } = await run(path, ['-hide_banner', '-codecs'], { timeout: PROBE_TIMEOUT_MS });
    if (!/^ DEV.{3} h264 /m.test(codecs)) {
      return { isSuitable: false, reason: `${path} was built without decoder or encoder of H.264` };
    }
    return { isSuitable: true, version };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { isSuitable: false, reason: code === 'ENOENT' ? `${path} is not there` : `${path} does not run (${code})` };
  }
}
