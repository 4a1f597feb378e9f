import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import type { Page } from 'playwright-core';
import { stringify } from 'yaml';
import { startChildPart } from '../support/child-part.ts';
import { type CountingCamera, startCountingCamera } from '../support/counting-camera.ts';
import { openPage, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { type PictureLog, watchPicture } from '../support/page/watch-picture.ts';
import { type Bench, type BenchContext, median, type PreparedBench, type Sample } from './bench.ts';
import { startPlainPipe } from './plain-pipe.ts';

const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));
const ORIGIN = { estate: 'lanting', agent: 'lanting-edge-1' };
const FRAMES_PER_SEC = 25;
const LOOP_FRAMES = 300;
const GROUP_FRAMES = 100;
/** Pictures of one sample. */
const PICTURES = 200;
const PATIENCE_MS = 180_000;
/** Issue 3, Speed and memory. */
const MAX_AGE_MS = 200;
const MAX_START_MS = 1_500;

/** x264's high profile at level 3.1: the reference has to be told what it plays. */
const CODEC = 'avc1.64001f';

export const bench: Bench = {
  what: 'age of the picture on the console through agent and hub (720p25, noisy, 4 Mbit/s, a group of 4 s), against one ffmpeg piped straight into a page',
  unit: 'ms from being sent by the camera to being seen on the page, median',
  goal: { ratio: 1, is: 'at-most' },
  prepare,
  // The goal is a time, not a share of the reference's: how far it is used up.
  ratio: (dipper) => Math.max(median(dipper) / MAX_AGE_MS, median(starts.dipper) / MAX_START_MS),
};

/** ms from opening the socket to the first picture, by side. */
const starts = { dipper: [] as number[], reference: [] as number[] };

async function prepare({ seed }: BenchContext): Promise<PreparedBench> {
  await using parts = new AsyncDisposableStack();
  const { path: ffmpegPath } = await findFfmpeg({ env: process.env });
  process.env['FFMPEG_PATH'] = ffmpegPath;
  const camera = parts.use(
    await startCountingCamera({
      ...{ codec: 'h264', groupFrames: GROUP_FRAMES, loopFrames: LOOP_FRAMES, framesPerSec: FRAMES_PER_SEC },
      ...{ widthPx: 1280, heightPx: 720, kbps: 4_000, seed },
    }),
  );
  const console_ = await startConsoleGround();
  parts.defer(() => console_.stop());
  const config = writeConfig(console_, camera);
  const agent = await startChildPart(AGENT, ['--config', config], {
    EDGE_MQTT_PASSWORD: console_.ground.broker.agent(ORIGIN.agent).password,
    LOG_LEVEL: 'error',
  });
  parts.defer(() => agent.stop());
  const pipe = parts.use(await startPlainPipe(ffmpegPath, camera, CODEC));
  // One page of each, so that neither pays for what is done once.
  await sample(console_, camera, 'dipper', pipe.url);
  await sample(console_, camera, 'reference', pipe.url);
  for (const list of Object.values(starts)) list.length = 0;
  const running = parts.move();
  return {
    dipper: {
      command: `npm run edge -- --config ${config}; npm run hub; chromium ${console_.hub.url}/devices/camera`,
      sample: () => sample(console_, camera, 'dipper', pipe.url),
    },
    reference: {
      command: `${pipe.command} | a WebSocket; chromium ${pipe.url}`,
      sample: () => sample(console_, camera, 'reference', pipe.url),
    },
    detail: () => ({
      maxAgeMs: MAX_AGE_MS,
      maxStartMs: MAX_START_MS,
      startMs: { dipper: starts.dipper, reference: starts.reference },
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Opens a page of its own, and looks at as many pictures as a sample has. */
async function sample(
  { browser, hub }: ConsoleGround,
  camera: CountingCamera,
  side: keyof typeof starts,
  plainUrl: string,
): Promise<Sample> {
  const isOurs = side === 'dipper';
  const { page, context } = await openPage(browser, isOurs ? hub.url : plainUrl, WIDE);
  try {
    const log = await watchPicture(page);
    await page.goto(isOurs ? `${hub.url}/devices/camera` : plainUrl);
    if (isOurs) await enterAs(page);
    const first = await pictures(page, log, 1);
    starts[side].push((first.seen[0]?.atMs ?? Number.NaN) - first.openedAtMs);
    // The beginning catches up, and is not what is measured.
    const { seen } = await pictures(page, log, PICTURES + 2 * FRAMES_PER_SEC);
    const ages = seen.slice(-PICTURES).map(({ number, atMs }) => ageMs(camera, number, atMs));
    return { value: median(ages), work: `${PICTURES} pictures on a page` };
  } finally {
    await context.close();
  }
}

async function pictures(page: Page, log: () => Promise<PictureLog>, count: number): Promise<PictureLog> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await log();
    if (found.seen.length >= count) return found;
    if (Date.now() > deadline) throw new Error(`${page.url()} showed ${found.seen.length} of ${count} pictures`);
    await sleep(200);
  }
}

function ageMs(camera: CountingCamera, number: number, atMs: number): number {
  const sentAtMs = camera.sentAtMs(number) ?? Number.NaN;
  // It may have been sent again since.
  return sentAtMs <= atMs ? atMs - sentAtMs : atMs - sentAtMs + (LOOP_FRAMES / FRAMES_PER_SEC) * 1_000;
}

function writeConfig({ ground: { dir, broker, hubKey } }: ConsoleGround, camera: CountingCamera): string {
  mkdirSync(join(dir, 'edge'));
  const file = (name: string): string => join(dir, 'edge', name);
  writeFileSync(file('hub.pub.jwk'), JSON.stringify(hubKey()));
  writeFileSync(file('device-password'), camera.login.password);
  const config = {
    ...ORIGIN,
    ...{ dataDir: 'data', hub: { publicKeyFile: 'hub.pub.jwk' }, media: { keyFile: 'secrets/media.key' } },
    mqtt: { url: broker.url, username: broker.agent(ORIGIN.agent).username, passwordEnv: 'EDGE_MQTT_PASSWORD' },
    recordings: { minFreeMegabytes: 1 },
    cameras: [
      {
        ...{ id: 'camera', place: 'lanting-main-gate', events: false },
        onvif: { url: 'http://127.0.0.1:1/', username: camera.login.username, passwordFile: 'device-password' },
        streams: { main: { url: camera.url }, sub: { url: camera.url } },
        recording: { mode: 'continuous', retentionDays: 1, maxMegabytes: 500 },
      },
    ],
  };
  writeFileSync(file('edge.yaml'), stringify(config));
  return file('edge.yaml');
}
