import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FACE_NOTICE_VERSION,
  type FaceConsentView,
  type ImpactAssessmentView,
} from '@dipper/contract/api/face-consent';
import type { HolderDetail } from '@dipper/contract/api/holder';
import { CREDENTIAL_KEY_BYTES } from '@dipper/contract/credential-hmac';
import { erasureSignature } from '@dipper/contract/erasure-receipt';
import { openDatabasePool } from '@dipper/hub/database/pool';
import { ASSESSMENT_RETENTION, CONSENT_RETENTION } from '@dipper/hub/domains/consent/consent-retention';
import { readWithdrawals } from '@dipper/hub/domains/consent/withdrawal-journal';
import { HOLDER_RETENTION } from '@dipper/hub/domains/holder/holder-retention';
import type { RunningHub } from '@dipper/hub/hub';
import type { DataClass } from '@dipper/hub/retention/data-class';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { credentialKeyEnv, ORIGIN } from '../support/linked-edge.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';
import { gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, onlineStatus, type ScriptedEdge } from '../support/scripted-edge.ts';

const AGENT = ORIGIN.agent;
const POINT = 'east-way-in';
const DAY_MS = 86_400_000;
const KEY = randomBytes(CREDENTIAL_KEY_BYTES);
const PATIENTLY = { withinMs: 20_000, everyMs: 20 };

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let edge: ScriptedEdge;
let sequence = 0;
const epoch = randomUUID();
const journal = (): string => join(ground.dir, 'withdrawals.txt');
const start = (): Promise<RunningHub> => startHubHere(ground, credentialKeyEnv(ground, KEY));

beforeAll(async () => {
  ground = await startHubGround();
  hub = await start();
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  edge = await connectScriptedEdge(ground.broker, ground.hubKey());
  await edge.sendStatus(onlineStatus());
  await post('/api/v1/access-points', {
    ...{ id: POINT, place: 'lanting-service-gate', device: 'lanting-service-barrier' },
    ...{ name: { zh: '东门进', en: 'East gate in' }, rules: { factorRules: [{ anyOf: [['card'], ['face']] }] } },
  });
}, 60_000);
afterAll(async () => {
  await edge?.close();
  await hub?.stop();
  await ground?.stop();
});

async function post<T>(path: string, body: unknown = {}, status = 201): Promise<T> {
  const answer = await admin.send('POST', path, body);
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}
async function resident(): Promise<string> {
  return (await post<HolderDetail>('/api/v1/holders', { estate: 'lanting', name: '王芳' })).holder.id;
}
const give = (holder: string): Promise<FaceConsentView> =>
  post(`/api/v1/holders/${holder}/face-consents`, {
    ...{ purpose: 'estate-access', noticeVersion: FACE_NOTICE_VERSION, accessPoints: [POINT], how: 'in-person' },
    ...{ minor: false, validUntil: new Date(Date.now() + 30 * DAY_MS).toISOString() },
  });
async function consentOf(holder: string): Promise<FaceConsentView | undefined> {
  const answer = await admin.send('GET', `/api/v1/holders/${holder}/face-consents`);
  return ((await answer.json()) as { items: FaceConsentView[] }).items[0];
}
const tell = (type: string, data: unknown, correlation?: string): Promise<void> => {
  sequence += 1;
  const time = new Date().toISOString();
  const event = { ...gateState({ epoch, sequence, time }), type, data };
  return edge.sendBatch([correlation === undefined ? event : { ...event, correlationid: correlation }]);
};
/** An enrolment as the hub has it, and how the edge says it ended. */
async function enrolled({ id: consent, holder }: FaceConsentView): Promise<void> {
  const enrolment = randomUUID();
  await ground.rows(`insert into dipper.face_enrolment (id, consent, device, agent, access_point, asked_at, asked_by)
                     values ('${enrolment}', '${consent}', 'lanting-service-face', '${AGENT}', '${POINT}', now(), 'admin')`);
  const data = { enrolment, holder, consent, accessPoint: POINT, goodFrames: 6 };
  await tell('face.enrolment', { ...data, state: 'watching', advice: 'hold-still' }, enrolment);
  await tell('face.enrolment', { ...data, state: 'done' }, enrolment);
  await eventually('the enrolment', async () => (await consentOf(holder))?.enrolments[0]?.state === 'done', PATIENTLY);
}
const erased = ({ id: consent, holder }: FaceConsentView, key: Uint8Array = KEY): Promise<void> => {
  const receipt = { holder, consent, reason: 'withdrawn' as const, at: new Date().toISOString() };
  return tell('face.template-erased', { ...receipt, signature: erasureSignature(key, AGENT, receipt) });
};
const receipts = (holder: string, count: number): Promise<unknown> =>
  eventually(`${count} receipts`, async () => (await consentOf(holder))?.erasures.length === count, PATIENTLY);

describe('a consent', () => {
  it('keeps what edges told of it when the events are gone, and counts no receipt of before or of somebody else', async () => {
    const holder = await resident();
    const consent = await give(holder);
    await enrolled(consent);
    await erased(consent);
    await receipts(holder, 1);
    // Enrolled again since: that template is still there.
    await enrolled(consent);
    await post(`/api/v1/holders/${holder}/face-consents/${consent.id}/withdraw`, {}, 200);
    await erased(consent, randomBytes(CREDENTIAL_KEY_BYTES));
    await receipts(holder, 2);
    await ground.rows('delete from dipper.event_passage');
    expect(await consentOf(holder)).toMatchObject({
      awaited: [AGENT],
      enrolments: [{ state: 'done', goodFrames: 6, advice: null }, { state: 'done' }],
      erasures: [{ signed: false }, { signed: true }],
    });
    await erased(consent);
    await receipts(holder, 3);
    expect(await consentOf(holder)).toMatchObject({ awaited: [] });
  });

  it('ends with its resident, and stands in the journal outside of the database, also after a line that was cut off', async () => {
    const holder = await resident();
    const consent = await give(holder);
    await enrolled(consent);
    await hub.stop();
    appendFileSync(journal(), `${randomUUID()} 2026-`);
    hub = await start();
    admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
    await post(`/api/v1/holders/${holder}/end`, undefined, 200);
    expect(await consentOf(holder)).toMatchObject({ withdrawnBy: 'admin', awaited: [AGENT] });
    await hub.stop();
    hub = await start();
    admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
    const known = await eventually(
      'the journal',
      async () => {
        const found = await readWithdrawals(journal());
        return found?.has(consent.id) && found;
      },
      PATIENTLY,
    );
    expect(known.size).toBe(2);
    expect(readFileSync(journal(), 'utf8')).not.toContain('王');
  });

  it('goes three years after its end, with proofs, then its assessment and its resident; not while an edge owes a receipt', async () => {
    const assessment = await post<ImpactAssessmentView>('/api/v1/impact-assessments', {
      ...{ estate: 'lanting', title: '人脸通行评估', document: 'PIA-2026-07' },
      validUntil: new Date(Date.now() + 30 * DAY_MS).toISOString(),
    });
    const holder = await resident();
    const consent = await give(holder);
    await enrolled(consent);
    await post(`/api/v1/holders/${holder}/end`, undefined, 200);
    await post(`/api/v1/impact-assessments/${assessment.id}/end`, undefined, 200);
    await edge.sendStatus(onlineStatus());
    const heardSince = `select from dipper.agent_status s, dipper.face_consent c
                         where s.agent = '${AGENT}' and c.id = '${consent.id}' and s.seen_at > c.ended_at`;
    await eventually('the edge is heard', async () => (await ground.rows(heardSince)).length === 1, PATIENTLY);
    const pool = openDatabasePool(ground.database.url, pino({ level: 'silent' }));
    const remove = async (data: DataClass, afterMs: number): Promise<string[]> => {
      const gone: string[] = [];
      const before = new Date(Date.now() + afterMs);
      for (;;) {
        const removals = await pool.db.transaction().execute((tx) => data.removeNext(tx, before));
        if (removals === undefined) return gone;
        gone.push(...removals.map(({ subject, rows, sha256 }) => `${subject} ${rows} ${sha256.length}`));
      }
    };
    const isThere = async (table: string, id: string): Promise<boolean> =>
      (await ground.rows(`select from dipper.${table} where id = '${id}'`)).length > 0;
    await remove(CONSENT_RETENTION, 60_000);
    await remove(ASSESSMENT_RETENTION, 60_000);
    expect([await isThere('face_consent', consent.id), await isThere('impact_assessment', assessment.id)]).toEqual([
      true,
      true,
    ]);
    await erased(consent);
    await receipts(holder, 1);
    expect(await remove(CONSENT_RETENTION, -60_000)).toEqual([]);
    expect(await remove(CONSENT_RETENTION, 60_000)).toEqual([
      'dipper.face_erasure 1 32',
      'dipper.face_enrolment 1 32',
      'dipper.face_consent 1 32',
    ]);
    expect(await remove(ASSESSMENT_RETENTION, 60_000)).toEqual(['dipper.impact_assessment 1 32']);
    await remove(HOLDER_RETENTION, 60_000);
    expect(await isThere('access_holder', holder)).toBe(false);
    await pool.close();
  });
});
