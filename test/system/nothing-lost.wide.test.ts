import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { FORCED_EVERY } from '../support/drafts.ts';
import { eventually } from '../support/eventually.ts';
import type { SourceOrder, SourceReport } from '../support/numbered-event.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround } from '../support/running-hub.ts';
import { type StepTaker, startStepTaker } from '../support/step-taker.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const HUB = path('../../services/hub/main.ts');
const SOURCE = path('../support/event-source-process.ts');

/** Each round kills every process once, in a random order. `CHAOS_ROUNDS=50` for a long night. */
const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 5);
/** Events come in bursts, so that a kill right after one finds most of it without a receipt. */
const BURST = 250;
const BURST_EVERY_MS = 500;
/** One burst is let through before each kill: however long the machine takes, no kill finds an edge with nothing left to say. */
const EVENTS = ROUNDS * 4 * BURST;
/** A kill that hits nobody in the middle of something proves little. */
const UNRECEIPTED_AT_LEAST = 100;

type Victim = 'broker' | 'hub' | 'edge' | 'database';

/** A different order at every run, told in the output so that a failure can be played again. */
function shuffledVictims(seed: number): Victim[] {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return Array.from({ length: ROUNDS }, () =>
    (['broker', 'hub', 'edge', 'database'] as const)
      .map((victim) => ({ victim, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ victim }) => victim),
  ).flat();
}

describe('events and steps of cases while everything dies', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-nothing-lost-'));
  const witness = join(dir, 'witness');
  let ground: HubGround;
  let port: number;
  let steps: StepTaker;
  let hub: ChildPart;
  let edge: ChildPart;
  let report: SourceReport = { type: 'source', accepted: 0, unreceipted: 0, quarantined: 0 };
  let allowed = 0;

  const startHub = async (): Promise<void> => {
    hub = await startChildPart(HUB, [], { ...ground.env, HUB_PORT: String(port) });
  };
  const startEdge = async (): Promise<void> => {
    const login = ground.broker.agent('lanting-edge-1');
    edge = await startChildPart(
      SOURCE,
      [
        ...[
          '--data',
          join(dir, 'edge'),
          '--mqtt',
          ground.broker.url,
          '--estate',
          'lanting',
          '--agent',
          'lanting-edge-1',
        ],
        ...['--hub-key', join(ground.dir, 'signing-key.pub.jwk'), '--witness', witness],
        ...['--count', String(allowed), '--username', login.username],
        ...['--rate', String((BURST * 1_000) / BURST_EVERY_MS), '--tick-ms', String(BURST_EVERY_MS)],
      ],
      { MQTT_PASSWORD: login.password },
    );
    edge.process.on('message', (message: SourceReport | { type: string }) => {
      if (message.type === 'source') report = message as SourceReport;
    });
  };

  beforeAll(async () => {
    mkdirSync(join(dir, 'edge'));
    ground = await startHubGround();
    port = await findFreePort();
    await startHub();
    await startEdge();
    const url = `http://127.0.0.1:${port}`;
    steps = startStepTaker(url, (await signIn(url, 'admin', ADMIN_PASSWORD)).token);
  });

  afterAll(async () => {
    await edge?.stop();
    await hub?.stop();
    await ground?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it(
    'arrive as the witness saw them accepted, each once, and make each alarm and case once',
    async () => {
      const seed = Date.now() % 2 ** 31;
      console.log(`seed ${seed}`);
      for (const victim of shuffledVictims(seed)) {
        allowed += BURST;
        edge.process.send({ type: 'count', count: allowed } satisfies SourceOrder);
        await eventually(`${UNRECEIPTED_AT_LEAST} events under way`, () => report.unreceipted >= UNRECEIPTED_AT_LEAST, {
          withinMs: 30_000,
          everyMs: 20,
        });
        console.log(`SIGKILL ${victim}: ${report.accepted} accepted, ${report.unreceipted} without a receipt`);
        if (victim === 'broker') await ground.broker.restart();
        if (victim === 'database') await ground.database.restart();
        if (victim === 'hub') {
          await hub.kill();
          await startHub();
        }
        if (victim === 'edge') {
          await edge.kill();
          await startEdge();
        }
        await delay(200);
      }
      await eventually(
        'every event accepted and receipted',
        () => report.accepted === EVENTS && report.unreceipted === 0,
        {
          withinMs: 180_000,
        },
      );
      await steps.stop();

      const seen = readFileSync(witness, 'utf8').trimEnd().split('\n');
      expect(seen).toHaveLength(EVENTS);
      const stored = (await ground.rows("select id from dipper.event where type in ('gate.state', 'gate.forced')")) as {
        id: string;
      }[];
      expect(stored).toHaveLength(EVENTS);
      expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(seen));
      expect(await ground.rows('select * from dipper.dead_letter')).toEqual([]);

      const alarms = await eventually(
        'the evaluator to have judged everything',
        async () => {
          const rows = (await ground.rows(
            "select a.id, a.active, c.id as case from dipper.alarm a left join dipper.grid_case c on c.incident = a.incident where a.rule = 'barrier-forced'",
          )) as { id: string; active: boolean; case: string | null }[];
          return rows.length >= EVENTS / FORCED_EVERY && rows.every(({ active }) => !active) && rows;
        },
        // Longer than the evaluator waits for a gap to be filled.
        { withinMs: 200_000, everyMs: 500 },
      );
      expect(alarms).toHaveLength(EVENTS / FORCED_EVERY);
      expect(alarms.every((alarm) => alarm.case !== null)).toBe(true);
      const taken = (await ground.rows("select note from dipper.case_step where note like 'step %'")) as {
        note: string;
      }[];
      console.log(`${steps.accepted.length} steps of cases accepted, ${taken.length} kept`);
      expect(steps.accepted.length).toBeGreaterThan(ROUNDS * 4);
      expect(taken.map(({ note }) => note).sort()).toEqual([...steps.accepted].sort());

      const doubled = await ground.rows('select incident from dipper.grid_case group by incident having count(*) > 1');
      expect(doubled).toEqual([]);
    },
    100_000 + ROUNDS * 60_000,
  );
});
