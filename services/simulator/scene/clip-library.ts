import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clip, type ClipCodec, parseClip } from './clip.ts';
import { createComposer } from './compose.ts';
import { encodeH265Clip } from './h265-clip.ts';
import type { People } from './people.ts';
import { RENDERING, renderClip } from './render-clip.ts';
import type { ClipName } from './scene-name.ts';
import { loopFrames, MIN_VISITS } from './walk.ts';
import { createWalkerSprite } from './walker-sprite.ts';

/** A clip's two streams, frame for frame the same instants. */
export interface ClipPair {
  readonly main: Clip;
  readonly sub: Clip;
}

export interface ClipLibrary {
  /** Frames in every clip's loop. */
  readonly frames: number;
  /**
   * The clip, from memory, from the cache on disk, or rendered now (some seconds).
   * @param mainCodec of its main stream; a camera that films H.265 has a sub-stream of H.264 all the same
   */
  get(name: ClipName, mainCodec?: ClipCodec): Promise<ClipPair>;
}

export interface ClipLibraryOptions {
  /** Folder of cached clips; made if missing. */
  readonly folder: string;
  readonly ffmpegPath: string;
  /** Says that the encoder changed; part of a clip's key, since clips of one stream share parameter sets. */
  readonly ffmpegVersion: string;
  /** Who walks up, in order; fetched only when a clip has to be rendered. */
  readonly people: People;
  readonly signal: AbortSignal;
  readonly onProgress: (message: string, fraction?: number) => void;
}

export function createClipLibrary(options: ClipLibraryOptions): ClipLibrary {
  const visits = Math.max(MIN_VISITS, options.people.count);
  const frames = loopFrames(visits);
  const loaded = new Map<string, Promise<ClipPair>>();

  /** A failure is reported to who asked; the next one may try again. */
  function once(key: string, load: () => Promise<ClipPair>): Promise<ClipPair> {
    const known = loaded.get(key);
    if (known !== undefined) return known;
    const loading = load();
    loaded.set(key, loading);
    loading.catch(() => loaded.delete(key));
    return loading;
  }

  async function withH265(name: ClipName): Promise<ClipPair> {
    const { sub } = await get(name);
    const folder = folderOf(name, frames, options);
    const to = join(folder, 'main.h265');
    const read = async (): Promise<Clip> => parseClip(await readFile(to), frames, 'h265');
    const cached = await read().catch(() => undefined);
    if (cached !== undefined) return { main: cached, sub };
    options.onProgress(`Encoding the scene "${name}" as H.265`);
    await encodeH265Clip({
      from: join(folder, 'main.h264'),
      to,
      ffmpegPath: options.ffmpegPath,
      signal: options.signal,
    });
    return { main: await read(), sub };
  }

  function get(name: ClipName, mainCodec: ClipCodec = 'h264'): Promise<ClipPair> {
    if (mainCodec === 'h265') return once(`${name} h265`, () => withH265(name));
    return once(name, () => loadOrRender(name, visits, frames, options));
  }
  return { frames, get };
}

function folderOf(name: ClipName, frames: number, options: ClipLibraryOptions): string {
  return join(options.folder, `${name}-${clipKey(name, frames, options)}`);
}

async function loadOrRender(
  name: ClipName,
  visits: number,
  frames: number,
  options: ClipLibraryOptions,
): Promise<ClipPair> {
  const folder = folderOf(name, frames, options);
  const cached = await readPair(folder, frames).catch(() => undefined);
  if (cached !== undefined) return cached;
  const working = `${folder}.${process.pid}.part`;
  await mkdir(working, { recursive: true });
  try {
    const sprites = name === 'people' ? await spritesFor(visits, options) : [];
    options.onProgress(`Rendering the scene "${name}"`, 0);
    await renderClip({
      composer: await createComposer(name, sprites),
      frames,
      ffmpegPath: options.ffmpegPath,
      mainPath: join(working, 'main.h264'),
      subPath: join(working, 'sub.h264'),
      signal: options.signal,
      onFraction: everyTwentieth((fraction) => options.onProgress(`Rendering the scene "${name}"`, fraction)),
    });
    const pair = await readPair(working, frames);
    await rm(folder, { recursive: true, force: true });
    // Renamed last, so a folder with this name is always whole; another process may have been quicker.
    await rename(working, folder).catch(() => {});
    return pair;
  } finally {
    await rm(working, { recursive: true, force: true });
  }
}

async function spritesFor(visits: number, options: ClipLibraryOptions) {
  const portraits = await options.people.load();
  const sprites = await Promise.all(portraits.map((portrait) => createWalkerSprite(portrait)));
  return Array.from({ length: visits }, (_, visit) => sprites[visit % sprites.length]).filter(
    (sprite) => sprite !== undefined,
  );
}

async function readPair(folder: string, frames: number): Promise<ClipPair> {
  const [main, sub] = await Promise.all([readFile(join(folder, 'main.h264')), readFile(join(folder, 'sub.h264'))]);
  return { main: parseClip(main, frames), sub: parseClip(sub, frames) };
}

function clipKey(name: ClipName, frames: number, { ffmpegVersion, people }: ClipLibraryOptions): string {
  const inputs = { rendering: RENDERING, name, frames, ffmpegVersion, people: name === 'people' ? people.key : '' };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
}

/** A progress line for every 5 %, not for every frame. */
function everyTwentieth(report: (fraction: number) => void): (fraction: number) => void {
  let reported = 0;
  return (fraction) => {
    if (fraction - reported < 0.05 && fraction < 1) return;
    reported = fraction;
    report(fraction);
  };
}
