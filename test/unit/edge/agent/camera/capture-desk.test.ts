import type { EventData } from '@dipper/contract/events';
import { pino } from 'pino';
import { beforeEach, expect, it } from 'vitest';
import {
  type CaptureDesk,
  type CaptureDeskOptions,
  createCaptureDesk,
} from '../../../../../edge/agent/camera/capture-desk.ts';
import type { CutShot } from '../../../../../edge/agent/camera/shot-cutter.ts';
import type { DecodedFrame } from '../../../../../edge/video/decoded-frame.ts';
import type { FaceShot } from '../../../../../edge/vision/face-capture.ts';
import { cutFacePicture } from '../../../../../edge/vision/picture.ts';

const NOON_MS = Date.UTC(2026, 5, 1, 12);
const quality = { score: 0.5, sharpness: 50, sizePx: 40, yawDeg: 0, pitchDeg: 0, rollDeg: 0, bothEyes: true };
const frameOf = (widthPx: number, heightPx: number, atMs: number): DecodedFrame => ({
  ...{ rgb: new Uint8Array(widthPx * heightPx * 3), widthPx, heightPx, presentationTime: 0, unitIndex: 0 },
  ...{ atMs, senderAtMs: atMs + 3_600_000 },
});
const shot = (track: string): FaceShot<DecodedFrame> => ({
  ...{ track, firstSeenAtMs: NOON_MS - 2_000, atMs: NOON_MS, quality, adequate: true },
  frame: frameOf(64, 36, NOON_MS),
  box: { leftPx: 16, topPx: 9, widthPx: 8, heightPx: 9, score: 0.9 },
  looks: [],
});
/** What the main stream has of it, a little later and reaching out of the picture, of which only a part was decoded. */
const fromMain: CutShot = {
  ...{ source: 'main', quality, adequate: true, frame: frameOf(64, 48, NOON_MS + 40) },
  box: { leftPx: 48, topPx: 8, widthPx: 16.0001, heightPx: 18, score: 0.9 },
  picture: { widthPx: 128, heightPx: 72 },
  place: { leftPx: 112, topPx: 18, widthPx: 16.0001, heightPx: 18 },
};

let told: { atMs: number; data: EventData<'face.captured'> }[];
let stop: AbortController;
beforeEach(() => {
  told = [];
  stop = new AbortController();
});

function open(over: Partial<CaptureDeskOptions> = {}): CaptureDesk {
  return createCaptureDesk({
    device: 'camera',
    cutter: { cut: async () => fromMain },
    cutPicture: cutFacePicture,
    pictures: {
      put: async () => ({ ref: 'a picture', mime: 'image/jpeg', expiresAt: '2026-06-04T12:00:00.000Z' }),
    },
    onCaptured: (atMs, data) => told.push({ atMs, data }),
    log: pino({ enabled: false }),
    signal: stop.signal,
    ...over,
  });
}

it('tells of the frame that the picture was cut from', async () => {
  const desk = open();
  desk.take(shot('one'));
  await desk.settled();
  expect(told).toEqual([
    {
      atMs: NOON_MS + 40,
      data: {
        track: 'one',
        firstSeenAt: '2026-06-01T11:59:58.000Z',
        capturedAt: '2026-06-01T12:00:00.040Z',
        senderAt: '2026-06-01T13:00:00.040Z',
        source: 'main',
        frame: { widthPx: 128, heightPx: 72 },
        box: { x: 0.875, y: 0.25, width: 0.125, height: 0.25 },
        quality,
        media: { ref: 'a picture', mime: 'image/jpeg', expiresAt: '2026-06-04T12:00:00.000Z' },
      },
    },
  ]);
});

it('tells of a face whose picture could not be kept, and why', async () => {
  const full = Object.assign(new Error('no room'), { code: 'MEDIA_DISK_FULL' });
  const desk = open({ pictures: { put: () => Promise.reject(full) } });
  desk.take(shot('one'));
  await desk.settled();
  expect(told[0]?.data.media).toEqual({ unavailable: 'MEDIA_DISK_FULL' });
});

it('takes the later ones of a crowd from the sub-stream, so that nobody waits for long', async () => {
  const cutting = Promise.withResolvers<CutShot>();
  const desk = open({ cutter: { cut: () => cutting.promise } });
  for (let track = 0; track < 10; track++) desk.take(shot(String(track)));
  cutting.resolve(fromMain);
  await desk.settled();
  expect(told.map(({ data }) => data.source)).toEqual([...Array(6).fill('main'), ...Array(4).fill('sub')]);
  expect(desk.stats()).toEqual({ captured: 10, fromSub: 4, failed: 0 });
});

it('tells of who is in the picture when the camera is stopped, without looking into main', async () => {
  const desk = open({ cutter: { cut: () => Promise.reject(new Error('main was looked into')) } });
  stop.abort();
  desk.take(shot('one'));
  await desk.settled();
  expect(told[0]?.data.source).toBe('sub');
});
