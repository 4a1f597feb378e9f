import type { RgbFrame } from '@dipper/edge/vision/frame';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import sharp from 'sharp';

export const WIDTH_PX = 640;
export const HEIGHT_PX = 360;
export const FRAMES_PER_SEC = 2;
const FRAME_BYTES = WIDTH_PX * HEIGHT_PX * 3;
const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

/** A street of walls, windows and a road; `contrast` 1 by day, 0.3 at night; blurred and dark when the lens is covered. */
export async function street(view: 'day' | 'night' | 'covered'): Promise<Uint8Array> {
  const windows = Array.from({ length: 60 }, (_, index) => {
    const [x, y] = [20 + (index % 15) * 41, 20 + Math.floor(index / 15) * 45];
    return `<rect x="${x}" y="${y}" width="20" height="28" fill="hsl(${index * 37},30%,${30 + ((index * 29) % 50)}%)"/>`;
  }).join('');
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}">
    <rect width="640" height="210" fill="#a08b78"/><rect y="210" width="640" height="150" fill="#777"/>${windows}
    <path d="M0 360L260 210L380 210L640 360Z" fill="#50545a"/><path d="M310 360L318 210L322 210L330 360Z" fill="#ddd"/>
    <circle cx="90" cy="250" r="40" fill="#3b5b33"/><rect x="480" y="220" width="90" height="70" fill="#345a86"/></svg>`;
  const picture = sharp(Buffer.from(drawing)).flatten({ background: '#888' });
  if (view === 'night') picture.linear(0.3, 4);
  if (view === 'covered') picture.blur(30).linear(0.15, 10);
  return picture.removeAlpha().raw().toBuffer();
}

/** Noise of a sensor, with this standard deviation in steps, from a generator with a fixed seed. */
export function createNoise(sigma: number): (picture: Uint8Array) => Uint8Array {
  let seed = 7;
  const random = () => {
    // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
  const table = Float32Array.from({ length: FRAME_BYTES / 3 + 65_536 }, () => {
    return sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  });
  return (picture) => {
    const offset = Math.floor(random() * 65_536);
    const noisy = new Uint8Array(picture.length);
    for (let at = 0; at < picture.length; at += 1) {
      const value = (picture[at] ?? 0) + (table[offset + Math.floor(at / 3)] ?? 0);
      noisy[at] = Math.max(0, Math.min(255, Math.round(value)));
    }
    return noisy;
  };
}

/** Burns in what a running clock looks like: another pattern of black and white in each frame, 140 x 28 pixels. */
export function withClock(picture: Uint8Array, frameNumber: number): Uint8Array {
  const stamped = new Uint8Array(picture);
  for (let y = 10; y < 38; y += 1) {
    for (let x = 10; x < 150; x += 1) {
      const bit = (frameNumber >> Math.floor((x - 10) / 14)) & 1;
      stamped.fill(bit === 1 ? 235 : 16, (y * WIDTH_PX + x) * 3, (y * WIDTH_PX + x) * 3 + 3);
    }
  }
  return stamped;
}

/** What is left of these pictures after H.264 with this quantiser (34 is poor), with a key frame every two seconds. */
export async function throughH264(pictures: readonly Uint8Array[], quantiser: number): Promise<RgbFrame[]> {
  const raw = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${WIDTH_PX}x${HEIGHT_PX}`];
  const signal = AbortSignal.timeout(60_000);
  const rate = ['-framerate', String(FRAMES_PER_SEC)];
  const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'];
  const video = await convertWithFfmpeg({
    path: ffmpeg,
    args: [
      ...raw,
      ...rate,
      '-i',
      'pipe:0',
      ...encoder,
      '-qp',
      String(quantiser),
      '-g',
      String(2 * FRAMES_PER_SEC),
      '-f',
      'h264',
      'pipe:1',
    ],
    input: Buffer.concat(pictures),
    signal,
  });
  const decoded = await convertWithFfmpeg({
    path: ffmpeg,
    args: ['-f', 'h264', ...rate, '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
    input: video,
    signal,
  });
  return Array.from({ length: decoded.length / FRAME_BYTES }, (_, index) => ({
    widthPx: WIDTH_PX,
    heightPx: HEIGHT_PX,
    rgb: decoded.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES),
  }));
}
