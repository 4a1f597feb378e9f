import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyBody } from '@dipper/contract/policy-body';
import { createRecognition } from '@dipper/edge/agent/recognition/recognition';
import { openTemplateStore } from '@dipper/edge/agent/template-store/template-store';
import { systemClock } from '@dipper/edge/link/clock';
import { TEMPLATE_MODEL } from '@dipper/edge/vision/face-embedder';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { similarity, thresholdFor } from '@dipper/edge/vision/template-match';
import { pino } from 'pino';
import { GATE, IN, person, policyBody, uuidOf } from './access-policy.ts';
import { startControllerWire } from './controller-wire.ts';
import { type Entrance, startEntrance } from './entrance.ts';
import { startFaceWorker, startRecognitionWorker } from './face-pictures.ts';
import { present, type Sitter, sitters } from './presentations.ts';
import { PICTURES_PER_GROUP, startShownCamera } from './shown-camera.ts';
import { startWatchingCamera } from './watching-camera.ts';

const CAMERA = 'lanting-service-face';
const LATER = '2099-01-01T00:00:00.000Z';
const RESIDENT = person(1, { permit: { validUntil: LATER } });
export const HOLDER = RESIDENT.holder.id;
const CONSENT = uuidOf(9_001);

/** Instants of one way to the gate, on this machine's clock. */
export interface FacePassage {
  /** When the camera took the frame that decided. */
  readonly frameAtMs: number;
  /** When recognition was sure, and asked the gate. */
  readonly offeredAtMs: number;
  /** When the command was on its way to the barrier. */
  readonly commandedAtMs: number;
}

export type Shown = 'living' | 'print' | 'nobody';

/**
 * A gate with a camera over real RTSP, recognition with a sealed template of one resident, and the gate process with a signed policy that
 * lets that resident in by card or face. What stands before the camera is rendered; nothing between the camera and the barrier is.
 */
export interface FaceEntrance extends AsyncDisposable {
  readonly entrance: Entrance;
  show(what: Shown): Promise<void>;
  readonly passages: readonly FacePassage[];
  /** Frames so far in which the face before the camera was the resident's by the template alone. */
  readonly matchedFrames: number;
}

/** @param first what the camera shows when it starts */
export async function startFaceEntrance(first: Shown, seed: number): Promise<FaceEntrance> {
  await using parts = new AsyncDisposableStack();
  const people = await sitters();
  const sitter = people[1] as Sitter;
  const shown = async (kind: 'living' | 'print'): Promise<RgbFrame[]> =>
    present({ kind, sitter, seed, frameCount: PICTURES_PER_GROUP });
  const [living, print] = [await shown('living'), await shown('print')];
  const clips = { living, print, nobody: living.map((frame) => ({ ...frame, rgb: frame.rgb.map(() => 110) })) };
  const finding = parts.use(await startFaceWorker());
  const recognising = parts.use(await startRecognitionWorker());

  const commands: number[] = [];
  const wire = parts.use(await startControllerWire({ command: () => void commands.push(systemClock.nowMs()) }));
  const entrance = await startEntrance({
    gates: {
      [GATE]: {
        simulated: { kind: 'barrier', travelMs: 50, holdOpenMs: 100, relayPulseMs: 50 },
        config: { contactToken: 'input-arm-down', place: 'lanting-service-gate' },
      },
    },
    addressOf: (simulated) => wire.addressOf(simulated),
  });
  parts.defer(() => entrance.close());
  const body = bodyWithFaces();
  await entrance.setPolicy(body, { expiresAt: LATER });

  const folder = await mkdtemp(join(tmpdir(), 'dipper-faces-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const log = pino({ enabled: false });
  const store = await openTemplateStore({
    ...{ path: join(folder, 'face-templates.sqlite'), keyFile: join(folder, 'faces.key') },
    ...{ model: TEMPLATE_MODEL, log },
  });
  const stop = new AbortController();
  const asked: { readonly frameAtMs: number; readonly offeredAtMs: number }[] = [];
  let matchedFrames = 0;
  // Enrolled from another moment than those that are shown.
  const template = await templateOf(await present({ kind: 'living', sitter, seed: seed + 1, frameCount: 1 }));
  const recognition = createRecognition({
    ...{ agent: body.agent, credentialKey: undefined, store, clock: systemClock, log, signal: stop.signal },
    models: () => ({
      async embed(frame, landmarks) {
        const seen = await recognising.embed(frame, landmarks);
        if (similarity(seen, template) >= thresholdFor(1)) matchedFrames += 1;
        return seen;
      },
      liveScore: recognising.liveScore,
    }),
    emit: () => undefined,
    offer({ accessPoint, holder, atMs, camera, track }) {
      asked.push({ frameAtMs: atMs, offeredAtMs: systemClock.nowMs() });
      entrance.supervisor.offerFactor({
        ...{ accessPoint, factor: 'face', holder, atMs: Math.round(atMs), evidence: { camera, track } },
      });
    },
  });
  parts.defer(async () => {
    stop.abort();
    await recognition.close();
  });
  recognition.takePolicy({ faces: body.faces, expiresAtMs: Date.parse(LATER) });
  // The store keeps and erases its own copy.
  const templates = [template.slice()];
  store.put({ holder: HOLDER, consent: CONSENT, accessPoints: [IN], templates, enrolledAtMs: systemClock.nowMs() });

  const camera = await startShownCamera({ [first]: clips[first], ...clips } as Record<Shown, readonly RgbFrame[]>);
  parts.defer(() => camera.close());
  const onSeen = recognition.watch(CAMERA, IN)?.observe;
  const watching = startWatchingCamera({
    ...{ device: CAMERA, find: async () => camera.access, models: finding, capturesFaces: false },
    ...(onSeen && { onSeen }),
  });
  parts.defer(() => watching.stop());

  async function templateOf([frame]: readonly RgbFrame[]): Promise<Float32Array> {
    if (frame === undefined) throw new Error('no frame was rendered');
    // The photograph has neighbours in it.
    const off = ({ leftPx, widthPx }: { leftPx: number; widthPx: number }) =>
      Math.abs(leftPx + widthPx / 2 - frame.widthPx / 2);
    const [face] = (await finding.detect(frame)).toSorted((a, b) => off(a) - off(b));
    if (face === undefined) throw new Error('no face was found');
    return recognising.embed(frame, await finding.landmarks(frame, face));
  }

  const running = parts.move();
  return {
    entrance,
    show: (what) => camera.show(what),
    get passages() {
      return asked.flatMap((offer) => {
        const commandedAtMs = commands.find((atMs) => atMs >= offer.offeredAtMs);
        return commandedAtMs === undefined ? [] : [{ ...offer, commandedAtMs }];
      });
    },
    get matchedFrames() {
      return matchedFrames;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function bodyWithFaces(): PolicyBody {
  const body = policyBody([RESIDENT]);
  return {
    ...body,
    accessPoints: body.accessPoints.map((point) => ({ ...point, factorRules: [{ anyOf: [['card'], ['face']] }] })),
    faces: {
      assessment: { id: uuidOf(9_002), validUntil: LATER },
      enrolled: [{ holder: HOLDER, consent: CONSENT, accessPoints: [IN], validUntil: LATER }],
    },
  };
}
