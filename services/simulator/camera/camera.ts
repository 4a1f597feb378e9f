import { setTimeout as delay } from 'node:timers/promises';
import { DigestGuard } from '../auth/digest.ts';
import type { Device } from '../device/device.ts';
import type { RtspServer } from '../rtsp/rtsp-server.ts';
import { RtspStream } from '../rtsp/rtsp-stream.ts';
import type { ClipCodec } from '../scene/clip.ts';
import type { ClipLibrary } from '../scene/clip-library.ts';
import type { ClipName, SceneName } from '../scene/scene-name.ts';
import { FRAMES_PER_GROUP, FRAMES_PER_SEC } from '../scene/walk.ts';
import { CameraFeed } from './camera-feed.ts';

export interface CameraOptions {
  readonly device: Device;
  readonly library: ClipLibrary;
  readonly scene: SceneName;
  /** Of the main stream. Default: H.264. */
  readonly codec?: ClipCodec | undefined;
  readonly signal: AbortSignal;
}

/** Behind by more, after the machine slept, whole groups are left out: a decoder goes on at the next key frame. */
const MAX_LAG_MS = 5_000;

const FRAME_MS = 1_000 / FRAMES_PER_SEC;

/** A camera: one position in the scene's loop, sent as main and sub-stream in real time. */
export class Camera {
  readonly device: Device;
  readonly feed: CameraFeed;
  readonly streams: { readonly main: RtspStream; readonly sub: RtspStream };
  readonly #library: ClipLibrary;
  readonly #codec: ClipCodec | undefined;
  readonly #startedAtMs: number;
  #scene: SceneName;

  private constructor(options: CameraOptions, feed: CameraFeed, streams: Camera['streams'], startedAtMs: number) {
    this.device = options.device;
    this.#library = options.library;
    this.#codec = options.codec;
    this.#scene = options.scene;
    this.feed = feed;
    this.streams = streams;
    this.#startedAtMs = startedAtMs;
  }

  /** Renders or loads the scene, then starts the loop at its first frame; it runs until the signal aborts. */
  static async start(options: CameraOptions): Promise<Camera> {
    const { device, library, scene, codec, signal } = options;
    const clip = await library.get(scene, codec);
    const startedAtMs = device.trueClock();
    const createStream = (stream: 'main' | 'sub') =>
      new RtspStream({
        path: `/${device.id}/${stream}`,
        vps: clip[stream].vps,
        sps: clip[stream].sps,
        pps: clip[stream].pps,
        framesPerSec: FRAMES_PER_SEC,
        clock: device.clock,
        mediaNowMs: () => device.trueClock() - startedAtMs,
      });
    const streams = { main: createStream('main'), sub: createStream('sub') };
    const camera = new Camera(options, new CameraFeed(clip), streams, startedAtMs);
    // Ends by itself when the signal aborts; nothing else can stop it.
    void camera.#play(signal);
    return camera;
  }

  /** Offers both streams on the server and lets the device's faults cut them. */
  mountOn(server: RtspServer): void {
    const { device } = this;
    for (const stream of Object.values(this.streams)) {
      server.mount({
        deviceId: device.id,
        stream,
        guard: new DigestGuard({
          realm: 'dipper-simulator',
          credentials: () => device.credentials,
          qop: 'none',
          nowMs: device.trueClock,
        }),
        isUnplugged: () => device.isUnplugged,
        replyDelayMs: () => device.slowness.delayMs,
      });
    }
    device.events.on('cut', () => server.cut(device.id));
  }

  /** Shows another scene. @returns once it is on the picture, unless a fault hides it */
  async showScene(scene: SceneName): Promise<void> {
    this.#scene = scene;
    await this.refreshPicture();
  }

  /** Brings the picture in line with the scene and the device's faults. @returns once it is, at most a group of pictures later */
  async refreshPicture(): Promise<void> {
    const clip = await this.#library.get(this.#clipName(), this.#codec);
    const isFrozen = this.device.hasFault('freeze');
    await Promise.all([this.feed.show(clip), this.feed.freeze(isFrozen)]);
  }

  #clipName(): ClipName {
    if (this.device.hasFault('cover')) return 'covered';
    if (this.device.hasFault('turn')) return 'turned';
    return this.device.hasFault('freeze-behind-clock') ? 'frozen-clock' : this.#scene;
  }

  async #play(signal: AbortSignal): Promise<void> {
    for (let frame = 0; !signal.aborted; frame++) {
      const waitMs = this.#startedAtMs + frame * FRAME_MS - this.device.trueClock();
      if (waitMs < -MAX_LAG_MS) {
        frame += FRAMES_PER_GROUP - (frame % FRAMES_PER_GROUP) - 1;
        continue;
      }
      // A late frame is sent at once, not skipped: the decoder needs every one up to the next key frame.
      if (waitMs > 1) await delay(waitMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const { main, sub, isKey } = this.feed.advance(frame);
      if (this.device.isUnplugged || (isKey && this.device.hasFault('no-key-frames'))) continue;
      const mediaTimeMs = frame * FRAME_MS;
      this.streams.main.send({ units: main, isKey, mediaTimeMs });
      this.streams.sub.send({ units: sub, isKey, mediaTimeMs });
    }
  }
}
