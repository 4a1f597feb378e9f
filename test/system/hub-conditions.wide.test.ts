import { randomUUID } from 'node:crypto';
import type { Alarm } from '@dipper/contract/api/alarm';
import { CATCH_UP_MS } from '@dipper/hub/evaluator/timers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, onlineStatus, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates } from '../support/street-config.ts';

const AGENT = 'edge-a';
/** An agent whose events are poison to the evaluator. */
const POISONED = 'edge-b';
const MINUTE_MS = 60_000;
/** The hub looks at everything that may be wrong this often. */
const LOOK_MS = 5_000;
const PATIENTLY = { withinMs: 30_000, everyMs: 20 };

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
let aheadMs = 0;
/** By how much the wall clock was set. */
let stepMs = 0;
const now = (): number => Date.now() + aheadMs + stepMs;

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: [`lanting/${AGENT}`] }),
  ]);
  hub = await startHubData({
    ...{ databaseUrl: database.url, broker, now, keyDir: database.dir },
    monotonicNow: () => performance.now() + aheadMs,
    places: placesWithClosedGates(1, [AGENT, POISONED]),
  });
  edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk, { estate: 'lanting', agent: AGENT });
  await eventually('the hub listens', async () => (await hub.data.readiness()).broker, PATIENTLY);
  aheadMs += CATCH_UP_MS;
}, 60_000);
afterAll(async () => {
  await edge?.close();
  await hub?.stop();
  await Promise.all([database?.stop(), broker?.stop()]);
});

const query = (text: string, values: readonly unknown[] = []): Promise<{ rows: unknown[] }> =>
  hub.pool.pool.query(text, [...values]);
const active = async (rule: string): Promise<readonly Alarm[]> =>
  (await hub.services.alarms.list({ rule, active: true })).items;

/** Makes something true, sees the alarm once its delay is over, makes it untrue, and sees the alarm end. */
async function seen(
  rule: string,
  delaySec: number,
  begin: () => Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<Alarm> {
  await begin();
  aheadMs += LOOK_MS;
  if (delaySec > 0) {
    const waits = async () => (await query('select from dipper.rule_timer where rule = $1', [rule])).rows.length > 0;
    await eventually(`${rule} waits for its delay`, waits, PATIENTLY);
    expect(await active(rule)).toEqual([]);
    aheadMs += delaySec * 1_000;
  }
  const raised = await eventually(`${rule} is raised`, async () => (await active(rule))[0], PATIENTLY);
  expect(await active(rule)).toHaveLength(1);
  await end();
  aheadMs += LOOK_MS;
  await eventually(`${rule} ends`, async () => !(await hub.services.alarms.get(raised.id)).active, PATIENTLY);
  return raised;
}

describe('the hub tells of', () => {
  it('an edge whose access policy stays behind', async () => {
    await edge.sendStatus(onlineStatus());
    const isOnline = `select from dipper.agent_status where agent = '${AGENT}' and judged_state = 'online'`;
    await eventually('judged online', async () => (await query(isOnline)).rows.length === 1, PATIENTLY);
    await query(
      `insert into dipper.credential_key (agent, estate, id, sealed, made_at) values ($1, 'lanting', 'k', '', now())`,
      [AGENT],
    );
    await query(
      `insert into dipper.agent_policy (agent, estate, version, revision, credential_key, content_sha256, body, sha256,
          changed_at, jws, signed_by, body_url, issued_at, expires_at)
       values ($1, 'lanting', 2, 0, 'k', '', '', '', now(), '', '', '', now(), now())`,
      [AGENT],
    );
    const from = new Date(now() - 2 * MINUTE_MS);
    const setBehind = (at: Date | null) => () =>
      query('update dipper.agent_policy set behind_since = $1, problem = $2', [at, 'POLICY_UNREACHABLE']);
    const raised = await seen('policy-behind', 300, setBehind(from), setBehind(null));
    expect(raised).toMatchObject({ agent: AGENT, priority: 'high', late: false, raisedAt: from.toISOString() });
  });

  it('an edge that has not signed that a template is gone, an hour after the consent was taken back', async () => {
    const id = randomUUID();
    await query(
      `insert into dipper.access_holder (id, estate, kind, name, created_at, changed_at, changed_by)
       values ($1, 'lanting', 'resident', '王芳', now(), now(), 'a')`,
      [id],
    );
    await query(
      `insert into dipper.face_consent (id, holder, estate, purpose, notice_version, access_points, how, is_minor,
          given_at, recorded_by, valid_until, withdrawn_at)
       values ($1, $1, 'lanting', 'estate-access', '1', '{p}', 'paper', false, $2, 'a', 'infinity', $3)`,
      [id, new Date(now() - MINUTE_MS), new Date(now())],
    );
    const enrolled = () =>
      query(
        `insert into dipper.face_enrolment (id, consent, device, agent, access_point, asked_at, asked_by, done_at)
         values ($1, $1, 'c', $2, 'p', $3, 'a', $3)`,
        [id, AGENT, new Date(now())],
      );
    const signed = () =>
      query(
        `insert into dipper.face_erasure (event, consent, holder, agent, reason, erased_at, occurred_at, is_signed, received_at)
         values ($1, $1, $1, $2, 'withdrawn', $3, $3, true, $3)`,
        [id, AGENT, new Date(now())],
      );
    expect(await seen('erasure-overdue', 3_600, enrolled, signed)).toMatchObject({ agent: AGENT, late: false });
  });

  it('an agent whose messages are refused, and one whose events cannot be judged', async () => {
    const raised = await seen(
      'messages-refused',
      0,
      async () => {
        await edge.sendBytes('no batch at all');
        await eventually(
          'the dead letter',
          async () => (await query('select from dipper.dead_letter')).rows.length > 0,
          PATIENTLY,
        );
      },
      async () => {
        aheadMs += 11 * MINUTE_MS;
      },
    );
    expect(raised).toMatchObject({ agent: AGENT, estate: 'lanting' });
    const fails = () =>
      query(
        `insert into dipper.evaluation_failure (agent, attempts, error, failed_at, retry_at) values ($1, 3, 'e', $2, $3)`,
        [POISONED, new Date(now()), new Date(now() + 4 * MINUTE_MS)],
      );
    const goesOn = () => query('delete from dipper.evaluation_failure');
    expect(await seen('agent-not-judged', 30, fails, goesOn)).toMatchObject({ agent: POISONED });
  });

  it('its own clock: that it was set, and that it is days away from what was seen before', async () => {
    stepMs += 10 * MINUTE_MS;
    const stepped = await eventually('the step', async () => (await active('hub-clock-stepped'))[0], PATIENTLY);
    expect(stepped).toMatchObject({ estate: 'hub', agent: 'hub', device: null });
    const within = { estates: ['lanting'], grids: [], places: [] };
    expect((await hub.services.alarms.list({ rule: 'hub-clock-stepped', within })).items).toEqual([]);
    // As the retention itself would find it: it looks at the clocks whenever it runs.
    const leapt = () =>
      query(`insert into dipper.retention_clock (known_at, leap_from, leap_seen_at)
             values (now() - interval '10 days', now(), now()) on conflict (single) do update
             set known_at = excluded.known_at, leap_from = excluded.leap_from, leap_seen_at = excluded.leap_seen_at`);
    const believed = () =>
      query('update dipper.retention_clock set known_at = now(), leap_from = null, leap_seen_at = null');
    await seen('hub-clock-leapt', 0, leapt, believed);
  });

  it('the clock of an edge that was set, not of one that was corrected a little', async () => {
    const epoch = randomUUID();
    const set = (sequence: number, ms: number, clock: string) => ({
      ...gateState({ source: `/lanting/${AGENT}`, epoch, sequence, time: new Date(now()).toISOString() }),
      ...{ type: 'clock.stepped', subject: undefined, place: undefined, data: { stepMs: ms, clock } },
    });
    await edge.sendBatch([set(1, 2_000, 'edge'), set(2, -90_000, 'camera'), set(3, -90_000, 'edge')]);
    const [raised] = await eventually(
      'the alarm',
      async () => {
        const found = await active('edge-clock-stepped');
        return found.length > 0 && found;
      },
      PATIENTLY,
    );
    expect(raised).toMatchObject({ agent: AGENT, occurrences: 1, device: null });
  });
});
