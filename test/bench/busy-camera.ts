import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { blitWalker } from '@dipper/simulator/scene/blit';
import { peopleOfGroupPhoto } from '@dipper/simulator/scene/people';
import { copyPlanes, createPlanes, planesFromRgb } from '@dipper/simulator/scene/picture-planes';
import { createWalkerSprite } from '@dipper/simulator/scene/walker-sprite';
import sharp from 'sharp';
import { HEIGHT_PX, street, WIDTH_PX } from '../support/street-video.ts';
import { BUSY, figuresAt, LOOP_FRAMES, QUIET, SCENE, SCRIPT, type Section, WALK_INS } from './busy-script.ts';
import { cachedFiles, encoderArgs, FRAMES_PER_SEC, GROUP_FRAMES, type Loop, loopFrom } from './encoded-loop.ts';
import { type LoopCamera, startLoopCameras } from './loop-camera.ts';
import { NOISE_STRENGTH } from './noisy-camera.ts';

export interface BusyCamera extends LoopCamera {
  /** The whole of what it plays parts of. */
  readonly mainLoop: Loop;
  /** From the next group on: people all the time, or nobody. @returns the number of the first frame of it */
  show(what: 'rush' | 'nobody'): number;
  /** From the next group on: so many times two people for two seconds, thirty seconds apart; then nobody. @returns its frames */
  showWalkIns(count: number): { readonly from: number; readonly to: number };
  /** The frame of the loop that is sent as the one with this number; undefined where that is not known yet. */
  loopFrameOf(frame: number): number | undefined;
}

/** Photographs of three people; fetched, never in git. */
const PICTURES = fileURLToPath(new URL('../../data/test-pictures', import.meta.url));

/** A street in which people walk up to the camera, as 1080p25 of 4 Mbit/s and 640 x 360 of 512 kbit/s; begins with nobody. */
export async function startBusyCamera(ffmpegPath: string, seed: number): Promise<BusyCamera> {
  const { main, sub } = await render(ffmpegPath, seed);
  /** For each group sent, and to be sent next, the group of the loop. */
  const played: number[] = [];
  let next = endless(QUIET);

  function groupAt(place: number): number {
    while (played.length <= place) played.push(next.next().value);
    return played[place] as number;
  }

  const camera = await startLoopCameras({
    ...{ main, sub },
    pick: (frame) => groupAt(Math.floor(frame / GROUP_FRAMES)) * GROUP_FRAMES + (frame % GROUP_FRAMES),
  });
  function change(groups: Generator<number, never>): number {
    next = groups;
    return played.length * GROUP_FRAMES;
  }
  return Object.assign(camera, {
    mainLoop: main,
    show: (what: 'rush' | 'nobody') => change(endless(what === 'rush' ? BUSY : QUIET)),
    showWalkIns(count: number) {
      const from = change(walkInsOf(count));
      const groups = count * (QUIET.groups + (WALK_INS[0]?.groups ?? 0));
      return { from, to: from + groups * GROUP_FRAMES };
    },
    loopFrameOf(frame: number) {
      const group = played[Math.floor(frame / GROUP_FRAMES)];
      return group === undefined ? undefined : group * GROUP_FRAMES + (frame % GROUP_FRAMES);
    },
  });
}

function* groupsOf({ firstGroup, groups }: Section): Generator<number, void> {
  for (let group = 0; group < groups; group += 1) yield firstGroup + group;
}

function* endless(section: Section): Generator<number, never> {
  while (true) yield* groupsOf(section);
}

function* walkInsOf(count: number): Generator<number, never> {
  for (let place = 0; place < count; place += 1) {
    yield* groupsOf(QUIET);
    yield* groupsOf(WALK_INS[place % WALK_INS.length] ?? QUIET);
  }
  return yield* endless(QUIET);
}

async function render(ffmpegPath: string, seed: number): Promise<{ readonly main: Loop; readonly sub: Loop }> {
  const people = peopleOfGroupPhoto(PICTURES, AbortSignal.timeout(60_000), () => undefined);
  const wall = await street('day');
  const noise = `noise=all_seed=${seed}:alls=${NOISE_STRENGTH}:allf=t`;
  const args = [
    ...['-y', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${SCENE.widthPx}x${SCENE.heightPx}`],
    ...['-r', String(FRAMES_PER_SEC), '-i', 'pipe:0', '-filter_complex'],
    `[0:v]split[whole][copy];[whole]${noise}[main];[copy]scale=640:360:flags=area,${noise}[sub]`,
  ];
  const outputs = [
    { map: '[main]', args: encoderArgs(4_000, LOOP_FRAMES) },
    { map: '[sub]', args: encoderArgs(512, LOOP_FRAMES) },
  ];
  const command = [
    ffmpegPath,
    ...args,
    ...outputs.flatMap((output) => output.args),
    JSON.stringify(SCRIPT),
    people.key,
  ];
  const [main, sub] = await cachedFiles(command, wall, ['main.h264', 'sub.h264'], async (paths) => {
    console.log(`rendering ${LOOP_FRAMES / FRAMES_PER_SEC} s of a busy street; kept for the next time`);
    const sprites = await Promise.all((await people.load()).map(createWalkerSprite));
    const toFiles = outputs.flatMap((output, place) => ['-map', output.map, ...output.args, paths[place] ?? '']);
    await encode(ffmpegPath, [...args, ...toFiles], wall, sprites);
  });
  return { main: loopFrom(main ?? Buffer.alloc(0), LOOP_FRAMES), sub: loopFrom(sub ?? Buffer.alloc(0), LOOP_FRAMES) };
}

type Sprite = Awaited<ReturnType<typeof createWalkerSprite>>;

/** Draws every frame of the script into ffmpeg. */
async function encode(ffmpegPath: string, args: string[], wall: Uint8Array, sprites: readonly Sprite[]): Promise<void> {
  const { widthPx, heightPx } = SCENE;
  const { data } = await sharp(wall, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } })
    .resize(widthPx, heightPx)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const backdrop = planesFromRgb(data, widthPx, heightPx);
  const picture = createPlanes(widthPx, heightPx);
  const run = runFfmpeg({ path: ffmpegPath, args, signal: AbortSignal.timeout(600_000) });
  run.stdout.resume();
  for (let frame = 0; frame < LOOP_FRAMES; frame += 1) {
    copyPlanes(backdrop, picture);
    for (const figure of figuresAt(frame)) {
      const sprite = sprites[(figure.visit * 2 + figure.lane) % sprites.length];
      if (sprite !== undefined) blitWalker(picture, sprite, figure);
    }
    const bytes = Buffer.concat([picture.y, picture.u, picture.v].map(bytesOf));
    if (!run.stdin.write(bytes)) await Promise.race([once(run.stdin, 'drain'), run.ended]);
  }
  run.stdin.end();
  const { exitCode, error } = await run.ended;
  if (exitCode !== 0) throw error;
}

function bytesOf(plane: Uint8ClampedArray): Uint8Array {
  return new Uint8Array(plane.buffer, plane.byteOffset, plane.length);
}
