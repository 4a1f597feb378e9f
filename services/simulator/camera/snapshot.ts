import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import type { CameraFeed } from './camera-feed.ts';

const START_CODE = Buffer.from([0, 0, 0, 1]);

/** The picture a camera shows now, decoded from its main stream. @returns a JPEG. @throws FfmpegError */
export function takeSnapshot(feed: CameraFeed, ffmpegPath: string, signal: AbortSignal): Promise<Buffer> {
  const { vps, sps, pps, frames } = feed.groupSoFar;
  const units = [...(vps === undefined ? [] : [vps]), sps, pps, ...frames.flat()];
  const format = vps === undefined ? 'h264' : 'hevc';
  return convertWithFfmpeg({
    path: ffmpegPath,
    args: [
      ...['-f', format, '-i', 'pipe:0', '-vf', `select=gte(n\\,${Math.max(0, frames.length - 1)})`, '-frames:v', '1'],
      ...['-q:v', '3', '-f', 'mjpeg', 'pipe:1'],
    ],
    input: Buffer.concat(units.flatMap((unit) => [START_CODE, unit])),
    signal,
  });
}
