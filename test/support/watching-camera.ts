import type { EventDraft, EventType } from '@dipper/contract/events';
import { type CameraRunnerOptions, startCamera } from '@dipper/edge/agent/camera/camera-runner';
import type { CameraState } from '@dipper/edge/agent/camera/camera-state';
import { systemClock } from '@dipper/edge/link/clock';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { cutFacePicture } from '@dipper/edge/vision/picture';
import { pino } from 'pino';
import { eventually } from './eventually.ts';
import { ffmpegPath } from './test-stream.ts';

/** Has all of a picture decoded where the product takes what surrounds the face. */
export const wholePicture: NonNullable<CameraRunnerOptions['regionAround']> = (_, picture) => ({
  ...{ leftPx: 0, topPx: 0 },
  ...picture,
});

/** An edge camera that writes down what it tells, instead of telling a hub. */
export function startWatchingCamera(
  options: Pick<CameraRunnerOptions, 'device' | 'find'> & Partial<CameraRunnerOptions>,
) {
  const stop = new AbortController();
  const events: EventDraft[] = [];
  const states: CameraState[] = [];
  const pictures: Buffer[] = [];
  const cutFrom: RgbFrame[] = [];
  const camera = startCamera({
    place: 'entrance',
    pictures: {
      async put(jpeg) {
        pictures.push(Buffer.from(jpeg));
        return { ref: crypto.randomUUID(), mime: 'image/jpeg', expiresAt: new Date().toISOString() };
      },
    },
    cutPicture(frame, box) {
      cutFrom.push(frame);
      return cutFacePicture(frame, box);
    },
    emit: (event) => events.push(event),
    publishState: (state) => states.push(state),
    ffmpegPath: ffmpegPath(),
    clock: systemClock,
    log: pino({ enabled: false }),
    signal: stop.signal,
    shotWaitMs: 600,
    // The counter that is burnt in says when it was taken; it stands far from any face.
    regionAround: wholePicture,
    ...options,
  });
  return {
    events,
    /** Pictures handed over for keeping, and the frames they were cut from. */
    pictures,
    cutFrom,
    states,
    stats: () => camera.stats(),
    live: camera.live,
    takePressure: camera.takePressure,
    noteLoad: camera.noteLoad,
    noteTurned: camera.noteTurned,
    eventsOf: <T extends EventType>(type: T) =>
      events.filter((event): event is Extract<EventDraft, { type: T }> => event.type === type),
    /** Waits until the state the hub would hold is this one. */
    isIn: (connection: CameraState['connection'], withinMs = 60_000) =>
      eventually(`the camera is ${connection}`, () => states.at(-1)?.connection === connection && states.at(-1), {
        withinMs,
      }),
    async stop() {
      stop.abort();
      await camera.done;
    },
  };
}
