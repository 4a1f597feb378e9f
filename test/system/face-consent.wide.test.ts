import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  FACE_NOTICE_VERSION,
  type FaceConsentView,
  type ImpactAssessmentView,
} from '@dipper/contract/api/face-consent';
import type { HolderDetail } from '@dipper/contract/api/holder';
import { CREDENTIAL_KEY_BYTES } from '@dipper/contract/credential-hmac';
import { createRecognition } from '@dipper/edge/agent/recognition/recognition';
import { openTemplateStore } from '@dipper/edge/agent/template-store/template-store';
import { systemClock } from '@dipper/edge/link/clock';
import { createFaceCapture } from '@dipper/edge/vision/face-capture';
import type { FaceWorker } from '@dipper/edge/vision/face-worker';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import type { RecognitionWorker } from '@dipper/edge/vision/recognition-worker';
import type { RunningHub } from '@dipper/hub/hub';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { startFaceWorker, startRecognitionWorker } from '../support/face-pictures.ts';
import { credentialKeyEnv, ORIGIN, openLinkedEdge } from '../support/linked-edge.ts';
import { FRAME_GAP_MS, present, type Sitter, sitters } from '../support/presentations.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

const POINT = 'east-way-in';
const CAMERA = 'lanting-service-face';
const key = randomBytes(CREDENTIAL_KEY_BYTES);
const PATIENTLY = { withinMs: 30_000, everyMs: 50 };

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let listener: MqttClient;
let people: Sitter[];
let finding: FaceWorker;
let recognising: RecognitionWorker;
let edge: Awaited<ReturnType<typeof startEdge>>;
let holder: string;
let consent: FaceConsentView;
/** Every byte that anybody published, and every answer of the hub. */
const crossed: Buffer[] = [];
/** What was compared: if it is anywhere else, the promise is broken. */
const templates: Float32Array[] = [];

/** The real link, policy client, template store and recognition of an edge; only the camera is rendered. */
async function startEdge(folder: string) {
  const linked = await openLinkedEdge(ground, folder, key);
  const { policy, clock, log, signal } = linked;
  const store = await openTemplateStore({
    ...{ path: join(folder, 'face-templates.sqlite'), keyFile: join(folder, 'faces.key'), model: 'test', log },
  });
  const offers: { readonly holder: string; readonly afterMs: number }[] = [];
  let frameSeenAtMs = 0;
  const recognition = createRecognition({
    ...{ agent: ORIGIN.agent, credentialKey: key, store, clock, log, signal },
    models: () => ({
      async embed(frame, landmarks) {
        const template = await recognising.embed(frame, landmarks);
        templates.push(template.slice());
        return template;
      },
      liveScore: recognising.liveScore,
    }),
    emit: (event) => void link.report(event),
    offer: (face) => void offers.push({ holder: face.holder, afterMs: performance.now() - frameSeenAtMs }),
  });
  policy.follow(({ body, claims }) =>
    recognition.takePolicy({ faces: body.faces, expiresAtMs: Date.parse(claims.expiresAt) }),
  );
  const watch = recognition.watch(CAMERA, POINT);
  const link = linked.connect(recognition.handlers);
  return {
    ...{ policy, store, offers, logged: linked.logged, watch },
    /** Somebody, or something, before the camera: five frames a second of its time, as fast as this machine can. */
    async show(frames: readonly RgbFrame[]): Promise<void> {
      const capture = createFaceCapture<RgbFrame>({
        models: finding,
        onSeen(frame, atMs, faces) {
          // The photograph has neighbours in it: whoever is asked about stands in the middle.
          const middle = faces.filter(({ box }) => Math.abs(box.leftPx + box.widthPx / 2 - frame.widthPx / 2) < 70);
          watch?.observe(frame, atMs, middle);
        },
      });
      let atMs = systemClock.nowMs();
      for (const frame of frames) {
        frameSeenAtMs = performance.now();
        atMs += FRAME_GAP_MS;
        await capture.observe(frame, atMs);
        await watch?.settled();
      }
    },
    async stop() {
      await linked.stop();
      await recognition.close();
    },
  };
}

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground, credentialKeyEnv(ground, key));
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  listener = await connectAsync(ground.broker.url, { ...ground.broker.hub, clientId: 'listener' });
  listener.on('message', (topic, payload) => void crossed.push(Buffer.from(topic), payload));
  await listener.subscribeAsync('dipper/v1/#', { qos: 1 });
  [people, finding, recognising] = await Promise.all([sitters(), startFaceWorker(), startRecognitionWorker()]);
  mkdirSync(join(ground.dir, 'edge'));
  edge = await startEdge(join(ground.dir, 'edge'));
}, 90_000);
afterAll(async () => {
  await listener?.endAsync(true);
  await edge?.stop();
  await finding?.[Symbol.asyncDispose]();
  await recognising?.[Symbol.asyncDispose]();
  await hub?.stop();
  await ground?.stop();
});

async function send<T>(method: 'POST', path: string, body?: unknown, status = 201): Promise<T> {
  const answer = await admin.send(method, path, body);
  const text = await answer.text();
  crossed.push(Buffer.from(text));
  if (answer.status !== status) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}
const consents = async (): Promise<FaceConsentView[]> => {
  const answer = await admin.send('GET', `/api/v1/holders/${holder}/face-consents`);
  const text = await answer.text();
  crossed.push(Buffer.from(text));
  return (JSON.parse(text) as { items: FaceConsentView[] }).items;
};
const policyNames = (id: string): Promise<boolean> =>
  eventually(
    `a policy with ${id}`,
    () => readFileSync(join(ground.dir, 'edge/policy.json'), 'utf8').includes(id),
    PATIENTLY,
  );
const living = (seed: number, who = 1) =>
  present({ kind: 'living', sitter: people[who] as Sitter, seed, frameCount: 9 });

describe('a face at the gate', () => {
  it('is not enrolled without assessment and consent, and says which is missing', async () => {
    await send('POST', '/api/v1/access-points', {
      ...{ id: POINT, place: 'lanting-service-gate', device: 'lanting-service-barrier' },
      ...{ name: { zh: '东门进', en: 'East gate in' }, rules: { factorRules: [{ anyOf: [['card'], ['face']] }] } },
    });
    const made = await send<HolderDetail>('POST', '/api/v1/holders', {
      estate: 'lanting',
      name: '王芳',
      unit: '3-2-501',
    });
    holder = made.holder.id;
    const asked = {
      ...{ purpose: 'estate-access', noticeVersion: FACE_NOTICE_VERSION, accessPoints: [POINT], how: 'in-person' },
      ...{ minor: true, validUntil: new Date(Date.now() + 86_400_000).toISOString() },
    };
    const path = `/api/v1/holders/${holder}/face-consents`;
    expect(await send('POST', path, asked, 422)).toMatchObject({ code: 'GUARDIAN_MISSING' });
    consent = await send<FaceConsentView>('POST', path, { ...asked, guardian: '王建国', guardianProof: '户口簿' });
    const enrolment = { accessPoint: POINT, device: CAMERA };
    const refused = await send('POST', `${path}/${consent.id}/enrolments`, enrolment, 409);
    expect(refused).toMatchObject({ code: 'ASSESSMENT_MISSING' });
    await send<ImpactAssessmentView>('POST', '/api/v1/impact-assessments', {
      ...{ estate: 'lanting', title: '人脸通行评估', document: 'PIA-2026-07' },
      validUntil: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    });
    await policyNames(consent.id);
    await policyNames('assessment');
  });

  it('is enrolled by command before the camera, alive, and opens from then on; its photograph does not', async () => {
    const path = `/api/v1/holders/${holder}/face-consents/${consent.id}/enrolments`;
    await eventually('an enrolment', () => send('POST', path, { accessPoint: POINT, device: CAMERA }), PATIENTLY);
    await edge.show(await living(11));
    const enrolled = await eventually(
      'its end',
      async () => (await consents())[0]?.enrolments.find(({ state }) => state === 'done'),
      PATIENTLY,
    );
    expect(enrolled).toMatchObject({ device: CAMERA, agent: ORIGIN.agent, code: null });
    expect(edge.store.count).toBe(1);
    await edge.show(await living(12));
    expect(edge.offers).toMatchObject([{ holder }]);
    for (const kind of ['print', 'screen'] as const) {
      await edge.show(await present({ kind, sitter: people[1] as Sitter, seed: 13, frameCount: 9 }));
    }
    await edge.show(await living(14, 2));
    expect(edge.offers).toHaveLength(1);
  });

  it('goes from the edge when the consent is withdrawn, and the edge signs for it', async () => {
    await send('POST', `/api/v1/holders/${holder}/face-consents/${consent.id}/withdraw`, {}, 200);
    await eventually('the deletion', () => edge.store.count === 0, PATIENTLY);
    const erasures = await eventually(
      'the receipt',
      async () => {
        const [seen] = await consents();
        return seen?.awaited.length === 0 && seen.erasures.length > 0 && seen.erasures;
      },
      PATIENTLY,
    );
    expect(erasures).toMatchObject([{ agent: ORIGIN.agent, signed: true }]);
    await edge.show(await living(15));
    expect(edge.offers).toHaveLength(1);
  });

  it('has crossed no wire and rests in no table and no log: neither as a template nor as a picture', async () => {
    expect(templates.length).toBeGreaterThan(15);
    expect(crossed.length).toBeGreaterThan(10);
    const held = await ground.dump();
    const files = readdirSync(ground.dir, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.parentPath.endsWith('edge'))
      .map((file) => readFileSync(join(file.parentPath, file.name)));
    const everything = Buffer.concat([...crossed, ...files, Buffer.from(held), Buffer.from(edge.logged.join(''))]);
    for (const template of templates) {
      const bytes = Buffer.from(template.buffer, template.byteOffset, 64);
      // As numbers, too, with as many digits as any language prints of a float.
      const largest = template.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
      const written = [bytes, bytes.toString('base64').slice(2, 40), bytes.toString('hex'), largest.toFixed(6)];
      for (const needle of written) expect(everything.includes(needle), String(needle)).toBe(false);
    }
    // JPEG, PNG and WebP, as they are and in Base64.
    const pictures = [Buffer.of(0xff, 0xd8, 0xff), Buffer.from('\x89PNG', 'latin1'), '/9j/', 'iVBORw0KGgo', 'UklGR'];
    for (const mark of pictures) expect(everything.includes(mark)).toBe(false);
    for (const name of readdirSync(join(ground.dir, 'edge')).filter((file) => !file.startsWith('face'))) {
      expect(readFileSync(join(ground.dir, 'edge', name)).includes(Buffer.from(String(templates[0]?.[3])))).toBe(false);
    }
    rmSync(join(ground.dir, 'edge', 'faces.key'));
  });
});
