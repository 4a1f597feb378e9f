import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { erasureSignature } from '@dipper/contract/erasure-receipt';
import type { EventDraft } from '@dipper/contract/events';
import { createRecognition } from '@dipper/edge/agent/recognition/recognition';
import { openTemplateStore } from '@dipper/edge/agent/template-store/template-store';
import type { SeenFace } from '@dipper/edge/vision/face-capture';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../../../../support/manual-clock.ts';
import { turnedFace } from '../../../../support/turned-face.ts';

const HOLDER = '0b6c3b5e-0000-4000-8000-00000000000a';
const CONSENT = 'c0000000-0000-4000-8000-000000000001';
const ENROLMENT = 'e0000000-0000-4000-8000-000000000001';
const LATER = '2027-12-31T00:00:00Z';
const FACES = {
  assessment: { id: 'a0000000-0000-4000-8000-000000000001', validUntil: LATER },
  enrolled: [{ holder: HOLDER, consent: CONSENT, accessPoints: ['south'], validUntil: LATER }],
};
const KEY = Buffer.alloc(32, 3);
const FRAME = { widthPx: 640, heightPx: 480, rgb: new Uint8Array(640 * 480 * 3).fill(90) };
/** Two people as the embedding sees them. */
const [ZHAO, QIAN] = [0, 1].map((which) => Float32Array.from({ length: 512 }, (_, index) => (index === which ? 1 : 0)));
const QUALITY = { score: 1, sharpness: 100, sizePx: 140, yawDeg: 0, pitchDeg: 0, rollDeg: 0, bothEyes: true };
const enrol = { name: 'face.enrol', enrolment: ENROLMENT, device: 'cam', accessPoint: 'south' } as const;

let dir: string;
let clock: ManualClock;
let stop: AbortController;
let close: () => Promise<void>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dipper-recognition-'));
  clock = createManualClock();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await close();
  rmSync(dir, { recursive: true, force: true });
});

async function start() {
  const log = pino({ level: 'silent' });
  const [path, keyFile] = [join(dir, 'face-templates.sqlite'), join(dir, 'face.key')];
  const store = await openTemplateStore({ path, keyFile, model: 'm', log });
  const events: EventDraft[] = [];
  const offers: { holder: string; accessPoint: string }[] = [];
  const sees = { person: ZHAO as Float32Array, liveScore: 0.95 };
  const recognition = createRecognition({
    ...{ agent: 'edge-1', credentialKey: KEY, store, clock, log, signal: stop.signal },
    models: () => ({ embed: async () => sees.person.slice(), liveScore: async () => sees.liveScore }),
    emit: (event) => void events.push(event),
    offer: (offer) => void offers.push(offer),
  });
  close = () => recognition.close();
  const watch = recognition.watch('cam', 'south');
  if (watch === undefined) throw new Error('no watch');
  let frames = 0;
  /** Somebody stands there for so many frames, and turns the head, or is a sheet that turns. */
  async function stand(
    count: number,
    about: { flat?: boolean; still?: boolean; people?: number; small?: boolean; track?: string } = {},
  ) {
    for (let frame = 0; frame < count; frame += 1, frames += 1) {
      clock.advance(200);
      const yaw = about.still === true ? 0 : 13 * Math.sin(frames * 0.6) * (about.flat === true ? 1.5 : 1);
      const landmarks = turnedFace(yaw, { flat: about.flat === true }).map(({ xPx, yPx }, index) => ({
        xPx: xPx + (about.flat === true ? 0.4 * Math.sin(index * 12.9 + frames * 7.1) : 0),
        yPx,
      }));
      const quality = about.small === true ? { ...QUALITY, sizePx: 30 } : QUALITY;
      const box = { leftPx: 130, topPx: 120, widthPx: 140, heightPx: 160, score: 0.99 };
      const faces = Array.from(
        { length: about.people ?? 1 },
        (_, who): SeenFace => ({
          ...{ track: `${about.track ?? 'track'}-${who}`, box, landmarks, assessment: { quality, adequate: true } },
        }),
      );
      watch?.observe(FRAME, clock.nowMs(), faces);
      await watch?.settled();
    }
  }
  const progress = () => events.flatMap((event) => (event.type === 'face.enrolment' ? [event.data] : []));
  return { recognition, store, events, offers, sees, stand, progress };
}

describe('an enrolment at the camera', () => {
  test('makes a template of one living person, tells how it goes, and the face opens from then on', async () => {
    const { recognition, store, events, offers, stand, progress } = await start();
    recognition.takePolicy({ faces: FACES, expiresAtMs: Date.parse(LATER) });
    await recognition.handlers['face.enrol']({ ...enrol, holder: HOLDER, consent: CONSENT });
    await stand(10);
    expect(progress().at(0)).toMatchObject({ state: 'watching', goodFrames: 0 });
    expect(progress().at(-1)).toMatchObject({ enrolment: ENROLMENT, state: 'done', holder: HOLDER });
    expect(store.count).toBe(1);
    expect(offers).toEqual([]);
    await stand(10, { track: 'next-day' });
    expect(offers).toMatchObject([{ holder: HOLDER, accessPoint: 'south', camera: 'cam' }]);
    // Of what was compared nothing is told: not a number of a template, not a picture.
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(600);
  });

  test.each([
    ['nobody comes', 'FACE_NOT_SEEN', { count: 0 }],
    ['two people stand there', 'SEVERAL_FACES', { count: 20, people: 2 }],
    ['the face is too small', 'QUALITY_LOW', { count: 20, small: true }],
    ['a photograph is held to the camera', 'LIVENESS_FAILED', { count: 20, flat: true }],
  ] as const)('fails when %s: %s', async (_when, code, { count, ...about }) => {
    const { recognition, store, stand, progress } = await start();
    recognition.takePolicy({ faces: FACES, expiresAtMs: Date.parse(LATER) });
    await recognition.handlers['face.enrol']({ ...enrol, holder: HOLDER, consent: CONSENT });
    await stand(count, about);
    clock.advance(31_000);
    expect(progress().at(-1)).toMatchObject({ state: 'failed', code });
    expect(store.count).toBe(0);
  });

  test.each([
    ['a face far away', 'come-nearer', { small: true }],
    ['somebody beside them', 'come-alone', { people: 2 }],
    ['a face of which enough is seen and that has not moved', 'turn-head', { still: true }],
    ['a head that turns', undefined, {}],
  ] as const)('says what to do next: %s: %s', async (_what, advice, about) => {
    const { recognition, stand, progress } = await start();
    recognition.takePolicy({ faces: FACES, expiresAtMs: Date.parse(LATER) });
    await recognition.handlers['face.enrol']({ ...enrol, holder: HOLDER, consent: CONSENT });
    await stand('still' in about ? 12 : 4, about);
    expect(progress().at(-1)).toMatchObject({ state: 'seen' });
    expect(progress().at(-1)?.advice).toBe(advice);
  });

  test('is refused without assessment, consent at that access point, or a camera there, and one at a time', async () => {
    const { recognition } = await start();
    const ask = (about = {}) =>
      recognition.handlers['face.enrol']({ ...enrol, holder: HOLDER, consent: CONSENT, ...about });
    await expect(ask()).rejects.toMatchObject({ code: 'ASSESSMENT_MISSING' });
    recognition.takePolicy({ faces: { enrolled: FACES.enrolled }, expiresAtMs: Date.parse(LATER) });
    await expect(ask()).rejects.toMatchObject({ code: 'ASSESSMENT_MISSING' });
    recognition.takePolicy({ faces: FACES, expiresAtMs: Date.parse(LATER) });
    await expect(ask({ consent: ENROLMENT })).rejects.toMatchObject({ code: 'CONSENT_MISSING' });
    await expect(ask({ accessPoint: 'north' })).rejects.toMatchObject({ code: 'RECOGNITION_OFF' });
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'ENROLMENT_UNDER_WAY' });
  });

  test('makes nothing when consent is withdrawn while the camera watches', async () => {
    const { recognition, store, stand, progress } = await start();
    recognition.takePolicy({ faces: FACES, expiresAtMs: Date.parse(LATER) });
    await recognition.handlers['face.enrol']({ ...enrol, holder: HOLDER, consent: CONSENT });
    await stand(3);
    recognition.takePolicy({ faces: { ...FACES, enrolled: [] }, expiresAtMs: Date.parse(LATER) });
    await stand(10);
    expect(progress().at(-1)).toMatchObject({ state: 'failed', code: 'CONSENT_MISSING' });
    expect(store.count).toBe(0);
  });
});

describe('with somebody enrolled', () => {
  async function enrolled() {
    const started = await start();
    started.recognition.takePolicy({ faces: FACES, expiresAtMs: Date.parse('2026-12-01T00:00:00Z') });
    const own = { holder: HOLDER, consent: CONSENT, accessPoints: ['south'], templates: [ZHAO as Float32Array] };
    started.store.put({ ...own, enrolledAtMs: clock.nowMs() });
    return started;
  }

  test('a photograph of them opens nothing, however long it is held there', async () => {
    const { stand, offers } = await enrolled();
    await stand(30, { flat: true });
    expect(offers).toEqual([]);
  });

  test('a stranger is offered to nobody', async () => {
    const { stand, offers, sees } = await enrolled();
    sees.person = QIAN as Float32Array;
    await stand(20);
    expect(offers).toEqual([]);
  });

  test('a living stranger does not vouch for the photograph that is then held in the same place', async () => {
    const { stand, offers, sees } = await enrolled();
    sees.person = QIAN as Float32Array;
    await stand(10);
    sees.person = ZHAO as Float32Array;
    await stand(25, { flat: true });
    expect(offers).toEqual([]);
  });

  test('what the model doubts opens nothing', async () => {
    const { stand, offers, sees } = await enrolled();
    sees.liveScore = 0.2;
    await stand(30);
    expect(offers).toEqual([]);
  });

  test('whoever stands there is offered once, and again after a while', async () => {
    const { stand, offers } = await enrolled();
    await stand(25);
    expect(offers).toHaveLength(1);
    await stand(15);
    expect(offers).toHaveLength(2);
  });

  test('withdrawing erases, with a receipt that only this agent can sign', async () => {
    const { recognition, store, events, stand, offers } = await enrolled();
    await recognition.handlers['face.erase']({ name: 'face.erase', holder: HOLDER, consent: CONSENT });
    expect(store.count).toBe(0);
    const { data } = events.at(-1) as Extract<EventDraft, { type: 'face.template-erased' }>;
    expect(data).toMatchObject({ holder: HOLDER, consent: CONSENT, reason: 'withdrawn' });
    expect(data.signature).toBe(erasureSignature(KEY, 'edge-1', data));
    // Asked again it signs again: the first receipt may be lost.
    await recognition.handlers['face.erase']({ name: 'face.erase', holder: HOLDER, consent: CONSENT });
    expect(events.filter(({ type }) => type === 'face.template-erased')).toHaveLength(2);
    await stand(12);
    expect(offers).toEqual([]);
  });

  test('withdrawing one consent leaves what was enrolled under another', async () => {
    const { recognition, store, events } = await enrolled();
    const earlier = '00000000-0000-4000-8000-00000000ea01';
    await recognition.handlers['face.erase']({ name: 'face.erase', holder: HOLDER, consent: earlier });
    expect(store.count).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: 'face.template-erased', data: { consent: earlier } });
  });

  test('an edge that was away erases when it comes back to a policy without them', async () => {
    const { recognition, store, events } = await enrolled();
    recognition.takePolicy({ faces: { ...FACES, enrolled: [] }, expiresAtMs: Date.parse(LATER) });
    expect(store.count).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'face.template-erased', data: { reason: 'not-in-policy' } });
  });

  test('a policy that is over compares nobody, and a month later nothing is kept', async () => {
    const { store, events, stand, offers } = await enrolled();
    clock.setWall(Date.parse('2026-12-02T00:00:00Z'));
    await stand(12);
    expect(offers).toEqual([]);
    expect(store.count).toBe(1);
    clock.setWall(Date.parse('2027-01-02T00:00:00Z'));
    clock.advance(61_000);
    expect(store.count).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'face.template-erased', data: { reason: 'policy-expired' } });
  });
});
