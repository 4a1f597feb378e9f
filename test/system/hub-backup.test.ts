import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { FeedMessage } from '@dipper/contract/api/feed';
import type { ApiTokenView, CreatedApiToken } from '@dipper/contract/api/token';
import { restoreBackup } from '@dipper/hub/backup/restore-backup';
import { writeBackup } from '@dipper/hub/backup/write-backup';
import { readMigrations } from '@dipper/hub/database/migrate';
import type { RunningHub } from '@dipper/hub/hub';
import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ApiClient, createApiClient, signIn } from '../support/api-client.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { closeOf } from '../support/feed-socket.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { rowsOf } from '../support/with-client.ts';

const TOOL = fileURLToPath(new URL('../../services/hub/backup/main.ts', import.meta.url));

/** What people and programs may ask for, and has to be the same after a restore. */
const QUESTIONS = [
  '/api/v1/events',
  '/api/v1/events/counts',
  '/api/v1/alarms',
  '/api/v1/incidents',
  '/api/v1/cases',
  '/api/v1/devices',
  '/api/v1/places',
  '/api/v1/accounts',
  '/api/v1/deletions',
] as const;

/** A resident who consented, with an enrolment and a receipt of an earlier one; another who takes it back after the backup. */
const [HOLDER, STAYS, GOES] = [randomUUID(), randomUUID(), randomUUID()];
const CONSENTS = `
  insert into dipper.access_holder (id, estate, kind, name, created_at, changed_at, changed_by)
    select id, 'lanting', 'resident', '王芳', now(), now(), 'admin' from unnest(array['${HOLDER}', '${GOES}']::uuid[]) id;
  insert into dipper.face_consent
      (id, holder, estate, purpose, notice_version, access_points, how, is_minor, given_at, recorded_by, valid_until)
    select id, holder, 'lanting', 'estate-access', '2026-11', '{east-way-in}', 'paper', false, now(), 'admin', now() + interval '1 day'
      from unnest(array['${STAYS}', '${GOES}']::uuid[], array['${HOLDER}', '${GOES}']::uuid[]) as given (id, holder);
  insert into dipper.face_enrolment (id, consent, device, agent, access_point, asked_at, asked_by, state, done_at)
    values (gen_random_uuid(), '${STAYS}', 'c', 'a', 'p', now(), 'admin', 'done', now());
  insert into dipper.face_erasure (event, consent, holder, agent, reason, erased_at, occurred_at, is_signed, received_at)
    values (gen_random_uuid(), '${STAYS}', '${HOLDER}', 'a', 'model-changed', now(), now(), true, now());
  insert into dipper.impact_assessment (id, estate, title, document, valid_until, filed_at, filed_by)
    values (gen_random_uuid(), 'lanting', '评估', 'PIA', now() + interval '1 day', now(), 'admin')`;
const PROOFS = ['face_consent', 'face_enrolment', 'face_erasure', 'impact_assessment'] as const;
const proofsIn = (url: string): Promise<unknown[]> =>
  Promise.all(
    PROOFS.map((table) => rowsOf(url, `select t::text from dipper.${table} t where not t::text like '%${GOES}%'`)),
  );

const AUDIT_CHAIN = `select id, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from dipper.audit order by id`;

/** On a machine with other things to do. */
const PATIENTLY = { withinMs: 30_000, everyMs: 20 };

let ground: HubGround;
let other: EmbeddedDatabase;
let hub: RunningHub | undefined;
let file: string;
const epoch = randomUUID();
const story = [
  faceCaptured({ epoch, sequence: 1 }),
  gateState({ epoch, sequence: 2 }),
  faceCaptured({ epoch, sequence: 3, time: new Date(Date.now() - 26 * 3_600_000).toISOString() }),
];

beforeAll(async () => {
  [ground, other] = await Promise.all([startHubGround(), startEmbeddedDatabase()]);
  file = join(ground.dir, 'dipper.backup');
});
afterAll(async () => {
  await hub?.stop();
  await Promise.all([ground?.stop(), other?.stop()]);
});

/** Runs the tool as a person does, with the folder of the pictures that belongs to the database. */
function run(databaseUrl: string, ...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const mediaDir = join(ground.dir, databaseUrl === other.url ? 'restored' : 'media');
    const withdrawals = { HUB_WITHDRAWALS_FILE: join(ground.dir, 'withdrawals.txt') };
    const env = { ...process.env, ...withdrawals, HUB_DATABASE_URL: databaseUrl, HUB_MEDIA_DIR: mediaDir };
    execFile(process.execPath, [TOOL, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}` }),
    );
  });
}

async function answers(client: ApiClient): Promise<Record<string, unknown>> {
  const found: [string, unknown][] = [];
  for (const path of QUESTIONS) found.push([path, await client.get(path)]);
  for (const { id } of await client.list<{ id: string }>('/api/v1/cases')) {
    found.push([`case ${id}`, await client.get(`/api/v1/cases/${id}`)]);
  }
  return Object.fromEntries(found);
}

/** Adds a picture to the first case. @returns where it is read */
async function addPicture({ token, list }: ApiClient, hubUrl: string): Promise<string> {
  const [gridCase] = await list<{ id: string }>('/api/v1/cases');
  const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#357' } })
    .png()
    .toBuffer();
  const path = `/api/v1/cases/${gridCase?.id}/attachments`;
  const answer = await fetch(hubUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'image/png' },
    body: new Uint8Array(picture),
  });
  expect(answer.status).toBe(201);
  return `${path}/${((await answer.json()) as { id: string }).id}`;
}

async function bytesOf(client: ApiClient, path: string): Promise<Buffer> {
  const answer = await client.send('GET', path);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

async function tokenOf(client: ApiClient): Promise<string> {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const answer = await client.send('POST', '/api/v1/tokens', { name: 'of before', roles: ['admin'], expiresAt });
  return ((await answer.json()) as CreatedApiToken).token;
}

async function sendStory(edge: ScriptedEdge): Promise<void> {
  await edge.sendBatch(story);
  await eventually('receipted', () => (edge.receipted.get(epoch) ?? []).length >= story.length, PATIENTLY);
}

describe('backup and restore', () => {
  it('gives a hub that answers as the one before, knows what it has seen, and starts its readers anew', async () => {
    hub = await startHubHere(ground);
    const before = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
    const edge = await connectScriptedEdge(ground.broker, ground.hubKey());
    await sendStory(edge);
    await eventually('a case', async () => (await before.list('/api/v1/cases')).length > 0, PATIENTLY);
    const picture = await addPicture(before, hub.url);
    const shown = await bytesOf(before, picture);
    const feed = await before.feed();
    const cursor = await eventually('a place in the feed', () => cursorOf(feed.messages), PATIENTLY);
    feed.close();
    const token = await tokenOf(before);
    // Signing in is on record too: nothing is asked from here on but what is compared.
    const told = await answers(before);
    // As after a deletion of what was too old: the chain does not begin with its first row any more.
    await ground.rows('alter table dipper.audit disable trigger audit_append_only');
    await ground.rows('delete from dipper.audit where id = (select min(id) from dipper.audit)');
    await ground.rows('alter table dipper.audit enable trigger audit_append_only');
    const chain = await ground.rows(AUDIT_CHAIN);
    await ground.rows(CONSENTS);
    expect(await run(ground.database.url, 'backup', '--to', file)).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const proofs = await proofsIn(ground.database.url);
    await hub.stop();
    const withdrawnAt = new Date();
    appendFileSync(join(ground.dir, 'withdrawals.txt'), `${GOES} ${withdrawnAt.toISOString()}\n`);

    const restored = await run(other.url, 'restore', '--from', file);
    expect(restored).toMatchObject({ code: 0, said: expect.stringContaining('and 1 pictures') });
    expect(restored.said).toContain('1 consents to face recognition were taken back since');
    expect(await rowsOf(other.url, AUDIT_CHAIN)).toEqual(chain);
    expect(await proofsIn(other.url)).toEqual(proofs);
    expect(await rowsOf(other.url, `select ended_at from dipper.face_consent where id = '${GOES}'`)).toEqual([
      { ended_at: withdrawnAt },
    ]);
    const moved = { HUB_DATABASE_URL: other.url, HUB_MEDIA_DIR: join(ground.dir, 'restored'), HUB_ADMIN_PASSWORD: '' };
    hub = await startHubHere(ground, moved);
    const after = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
    expect(await answers(after)).toEqual(told);
    // Both may have been ended since the backup: nobody is signed in, and a token waits for its owner's word.
    const program = createApiClient(hub.url, token);
    const stateOf = async (client: ApiClient): Promise<number> => (await client.send('GET', '/api/v1/alarms')).status;
    const left = createApiClient(hub.url, before.token);
    expect([await stateOf(left), await stateOf(program)]).toEqual([401, 401]);
    const [held] = await after.list<ApiTokenView>('/api/v1/tokens');
    expect(held).toMatchObject({ name: 'of before', heldAt: expect.any(String) });
    const word = await after.send('POST', `/api/v1/tokens/${held?.id}/confirmation`);
    expect([word.status, await word.json(), await stateOf(program)]).toMatchObject([200, { heldAt: null }, 200]);
    expect((await bytesOf(after, picture)).equals(shown)).toBe(true);

    await sendStory(edge);
    await edge.sendBatch([gateState({ epoch, sequence: 4 })]);
    await eventually('the new one is receipted', () => edge.receipted.get(epoch)?.includes(4) === true, PATIENTLY);
    expect((await after.list<{ sequence: number }>('/api/v1/events')).map(({ sequence }) => sequence).sort()).toEqual([
      1, 2, 3, 4,
    ]);
    await edge.close();
    const late = new WebSocket(`${hub.url.replace('http', 'ws')}/api/v1/feed?after=${cursor}`, {
      headers: { authorization: `Bearer ${after.token}` },
    });
    expect(await closeOf(late)).toEqual([4400, 'CURSOR_INVALID']);
    // Two hubs start, one after the other, and two tools run.
  }, 120_000);

  it('restores nothing that is damaged, cut off, or of a schema that this hub does not know', async () => {
    const whole = gunzipSync(readFileSync(file)).toString('utf8');
    const variants: [string, string | Buffer, string][] = [
      ['changed', gzipSync(whole.replace('lanting-service-face', 'lanting-service-fake')), 'BACKUP_DAMAGED'],
      ['cut', readFileSync(file).subarray(0, statSync(file).size - 100), 'BACKUP_DAMAGED'],
      ['short', gzipSync(whole.split('\n').slice(0, -2).join('\n')), 'BACKUP_DAMAGED'],
      ['picture', gzipSync(whole.replace(/"iVBORw0KGgo/, '"iVBORw0KGgp')), 'BACKUP_DAMAGED'],
      ['format', gzipSync(whole.replace('"format":2', '"format":3')), 'BACKUP_TOO_NEW'],
      ['schema', gzipSync(whole.replace('0001_data.sql', '9001_data.sql')), 'BACKUP_TOO_NEW'],
    ];
    const client = new pg.Client({ connectionString: other.url });
    await client.connect();
    const restore = (from: string): Promise<unknown> =>
      restoreBackup(client, from, readMigrations(), ground.dir, () => undefined);
    for (const [name, content, code] of variants) {
      const variant = join(ground.dir, `${name}.backup`);
      writeFileSync(variant, content);
      await expect(restore(variant), name).rejects.toMatchObject({ code });
    }
    await expect(restore(file)).rejects.toMatchObject({ code: 'DATABASE_NOT_EMPTY' });
    const backUp = (to: string, mediaDir: string, allowMissing = false): Promise<{ pictures: number }> =>
      writeBackup(client, to, { mediaDir, allowMissing }, () => undefined, new AbortController().signal);
    await expect(backUp(file, ground.dir)).rejects.toMatchObject({ code: 'BACKUP_FILE_EXISTS' });
    const another = join(ground.dir, 'another.backup');
    await expect(backUp(another, ground.dir)).rejects.toMatchObject({
      code: 'BACKUP_PICTURES_MISSING',
      message: expect.stringMatching(/^1 of 1 pictures .* HUB_MEDIA_DIR/),
    });
    expect(existsSync(another)).toBe(false);
    expect(await backUp(another, ground.dir, true)).toMatchObject({ pictures: 0 });
    await client.end();
    expect(await run(other.url, 'restore', '--from', join(ground.dir, 'nowhere'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('BACKUP_FILE_MISSING'),
    });
  });
});

function cursorOf(messages: readonly FeedMessage[]): string | undefined {
  for (const message of messages) if ('cursor' in message) return message.cursor;
  return undefined;
}
