import { fileURLToPath } from 'node:url';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';

/** Finds or fetches ffmpeg once, before any test file needs it, and says so; the workers inherit FFMPEG_PATH. */
export async function setup(): Promise<void> {
  const ffmpeg = await findFfmpeg({
    env: process.env,
    allowInstall: true,
    onProgress: (message) => console.log(message),
  });
  process.env['FFMPEG_PATH'] = ffmpeg.path;
  // One folder for all tests: the weights are 41 MB of download.
  process.env['DIPPER_MODELS_DIR'] ??= fileURLToPath(
    new URL('../../node_modules/.cache/dipper-models', import.meta.url),
  );
}
