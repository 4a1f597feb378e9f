import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nalType, splitAnnexB } from '@dipper/simulator/scene/clip';

/** One stream in memory, split into pictures of whole slices; every `GROUP_FRAMES` begins a group. */
export interface Loop {
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly frames: readonly (readonly Buffer[])[];
}

export const FRAMES_PER_SEC = 25;
export const GROUP_FRAMES = 50;

/** Rendered once: the same seed, picture and options make the same bytes with the same ffmpeg. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/dipper-bench', import.meta.url));
const SLICE = { plain: 1, idr: 5, sps: 7, pps: 8 } as const;

/** ffmpeg's options for one stream of so many frames at a constant rate, as Annex B. */
export function encoderArgs(kbps: number, frames: number): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-bf', '0', '-g', String(GROUP_FRAMES)],
    ...['-keyint_min', String(GROUP_FRAMES), '-sc_threshold', '0', '-frames:v', String(frames)],
    ...['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
    ...['-x264-params', 'nal-hrd=cbr:sliced-threads=0', '-f', 'h264'],
  ];
}

/** @throws Error when it does not hold so many pictures */
export function loopFrom(annexB: Buffer, frames: number): Loop {
  const units = splitAnnexB(annexB);
  const ofType = (type: number): Buffer => units.find((unit) => nalType(unit) === type) ?? Buffer.alloc(0);
  const pictures: Buffer[][] = [];
  for (const unit of units) {
    if (nalType(unit) !== SLICE.plain && nalType(unit) !== SLICE.idr) continue;
    // first_mb_in_slice 0, ITU-T H.264 §7.3.3: another picture begins.
    if (((unit[1] ?? 0) & 0x80) !== 0) pictures.push([unit]);
    else pictures.at(-1)?.push(unit);
  }
  if (pictures.length !== frames) throw new Error(`ffmpeg encoded ${pictures.length} of ${frames} frames`);
  return { sps: ofType(SLICE.sps), pps: ofType(SLICE.pps), frames: pictures };
}

/** Average over the whole loop, kbit/s. */
export function kbpsOf({ frames }: Loop): number {
  const bytes = frames.flat().reduce((sum, unit) => sum + unit.length, 0);
  return Math.round((bytes * 8 * FRAMES_PER_SEC) / frames.length / 1_000);
}

/** The files that a command made of this input, from the cache or made now. @param make writes them at these paths */
export async function cachedFiles(
  command: readonly string[],
  input: Uint8Array,
  names: readonly string[],
  make: (paths: readonly string[]) => Promise<void>,
): Promise<Buffer[]> {
  const key = createHash('sha256').update(command.join('\n')).update(input).digest('hex').slice(0, 16);
  const paths = names.map((name) => join(CACHE, `${key}.${name}`));
  const read = () => Promise.all(paths.map((path) => readFile(path)));
  const known = await read().catch(() => undefined);
  if (known !== undefined) return known;
  await mkdir(CACHE, { recursive: true });
  const working = paths.map((path) => `${path}.${process.pid}`);
  await make(working);
  // Renamed last, so files with these names are whole.
  for (const [place, path] of paths.entries()) await rename(working[place] ?? '', path);
  return read();
}

/** As `cachedFiles`, for one that is made in memory. */
export async function cached(
  command: readonly string[],
  input: Uint8Array,
  make: () => Promise<Buffer>,
): Promise<Buffer> {
  const [file = Buffer.alloc(0)] = await cachedFiles(command, input, ['h264'], async ([path = '']) => {
    await writeFile(path, await make());
  });
  return file;
}
