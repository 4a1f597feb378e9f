import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { HEIGHT_PX, street, WIDTH_PX } from '../support/street-video.ts';
import { cached, encoderArgs, FRAMES_PER_SEC, type Loop, loopFrom } from './encoded-loop.ts';
import { type LoopCamera, startLoopCameras } from './loop-camera.ts';

/** Longer than the 25 s that the picture is compared over: a repetition would look like a freeze. */
const LOOP_SEC = 30;
/** Noise of the sensor: ffmpeg's filter, fresh in each frame. */
export const NOISE_STRENGTH = 14;

/** A street in which nothing happens but the noise of the sensor, as 1080p25 of 4 Mbit/s and 640 x 360 of 512 kbit/s. */
export async function startNoisyCamera(ffmpegPath: string, seed: number): Promise<LoopCamera> {
  return startNoisyCameras(ffmpegPath, seed, 1);
}

/** So many of them that film the same at the same time. */
export async function startNoisyCameras(ffmpegPath: string, seed: number, count: number): Promise<LoopCamera> {
  const picture = Buffer.from(await street('day'));
  const main = await render(ffmpegPath, picture, { size: '1920:1080', kbps: 4_000, seed });
  const sub = await render(ffmpegPath, picture, { size: '640:360', kbps: 512, seed });
  return startLoopCameras({ main, sub, count });
}

/** The picture with fresh noise in each frame, encoded at a constant rate; a loop that begins with a key frame. */
async function render(
  ffmpegPath: string,
  picture: Buffer,
  { size, kbps, seed }: { readonly size: string; readonly kbps: number; readonly seed: number },
): Promise<Loop> {
  const frames = LOOP_SEC * FRAMES_PER_SEC;
  const still = `loop=loop=${frames - 1}:size=1,setpts=N/${FRAMES_PER_SEC}/TB`;
  const noise = `noise=all_seed=${seed}:alls=${NOISE_STRENGTH}:allf=t`;
  const args = [
    ...['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${WIDTH_PX}x${HEIGHT_PX}`, '-framerate', '25'],
    ...['-i', 'pipe:0', '-vf', `scale=${size},format=yuv420p,${still},${noise}`],
    ...[...encoderArgs(kbps, frames), 'pipe:1'],
  ];
  const annexB = await cached([ffmpegPath, ...args], picture, () =>
    convertWithFfmpeg({ path: ffmpegPath, args, input: picture, signal: AbortSignal.timeout(180_000) }),
  );
  return loopFrom(annexB, frames);
}
