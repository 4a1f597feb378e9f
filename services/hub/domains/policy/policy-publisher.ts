import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { EdgeMessenger } from '../../services.ts';
import type { AccessDb } from './access-db.ts';
import type { PolicyKeeping } from './policy-keeping.ts';
import type { PolicyMetrics } from './policy-metrics.ts';

/** What another copy of the hub has changed is compiled within this time, and what it left unpublished published. */
const POLL_MS = 400;
/** What may have changed beside what is counted, such as which edge a gate belongs to, is looked at as often. */
const LOOK_AT_ALL_MS = 5 * 60_000;
/** An agent whose policy cannot be made is not tried again sooner, unless something changes. */
const PAUSE_MS = 10_000;
/** An edge that is there takes a policy up within seconds. */
const BEHIND_AFTER_MS = 60_000;
const COUNT_EVERY_MS = 5_000;
/** Told again where it has been replaced while it was on its way. */
const MAX_TELLINGS = 3;
/** A broker that has not taken an announcement by then is gone, or will be told again. */
const TELL_PATIENCE_MS = 10_000;

/** Compiles policies as things change, and tells edges about them. */
export interface PolicyPublisher {
  /** Something has changed: looks at once. */
  nudge(): void;
  run(signal: AbortSignal): Promise<void>;
}

export interface PolicyPublisherOptions {
  readonly db: AccessDb;
  readonly keeping: PolicyKeeping;
  readonly edges: Pick<EdgeMessenger, 'publishPolicy' | 'connectedSince'>;
  readonly metrics: PolicyMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Milliseconds that pass evenly. */
  readonly monotonicNow: () => number;
}

interface Announcement {
  readonly agent: string;
  readonly estate: string;
  readonly jws: string;
}

/**
 * Copies of the hub compile a policy once, whichever comes first, and any of them tells it: the broker has each announcement
 * at least once, and again after the broker was away, for one without a disk has forgotten it.
 */
export function createPolicyPublisher(options: PolicyPublisherOptions): PolicyPublisher {
  const { db, keeping, edges, metrics, log, now, monotonicNow } = options;
  let wake = (): void => undefined;
  let lookedAtAllMs = Number.NEGATIVE_INFINITY;
  let countedMs = Number.NEGATIVE_INFINITY;
  let toldSince: number | undefined;
  /** Until when an agent is left alone, and what was wrong. */
  const failed = new Map<string, { readonly untilMs: number; readonly problem: string }>();

  const keepOne = async (agent: string, all: boolean): Promise<void> => {
    if ((failed.get(agent)?.untilMs ?? 0) > monotonicNow()) return;
    try {
      const kept = await keeping.keep(agent, all);
      failed.delete(agent);
      if (kept === 'compiled' || kept === 'signed') {
        metrics.made.inc({ what: kept });
        log.info({ agent, what: kept }, 'a policy is made');
      }
    } catch (error) {
      const problem = (error as Error).message;
      if (failed.get(agent)?.problem !== problem) log.error({ err: error, agent }, 'a policy could not be made');
      failed.set(agent, { untilMs: monotonicNow() + PAUSE_MS, problem });
      metrics.failures.inc();
    }
  };

  const tell = async (first: Announcement, signal: AbortSignal): Promise<void> => {
    let told: Announcement | undefined = first;
    for (let times = 0; told !== undefined && times < MAX_TELLINGS; times += 1) {
      const { agent, estate, jws }: Announcement = told;
      await inTime(edges.publishPolicy({ estate, agent }, jws), signal);
      const { numUpdatedRows } = await db
        .updateTable('dipper.agent_policy')
        .set({ published_at: new Date(now()) })
        .where('agent', '=', agent)
        .where('jws', '=', jws)
        .executeTakeFirst();
      // Replaced meanwhile, and perhaps told already: ours must not be what the broker keeps.
      told = numUpdatedRows > 0n ? undefined : await findAnnouncement(db, agent);
    }
  };

  const count = async (): Promise<void> => {
    const { rows } = await sql<{ behind: number }>`
      select count(*)::int as behind from dipper.agent_policy policy
        join dipper.credential_key key on key.agent = policy.agent
       where policy.behind_since < ${new Date(now() - BEHIND_AFTER_MS)}`.execute(db);
    metrics.behind.set(rows[0]?.behind ?? 0);
  };

  const turn = async (signal: AbortSignal): Promise<void> => {
    const all = monotonicNow() - lookedAtAllMs >= LOOK_AT_ALL_MS;
    for (const agent of await keeping.listDue(all)) await keepOne(agent, all);
    if (all) lookedAtAllMs = monotonicNow();
    const since = edges.connectedSince();
    if (since !== undefined) {
      for (const announcement of await listAnnouncements(db, since !== toldSince)) await tell(announcement, signal);
      toldSince = since;
    }
    if (monotonicNow() - countedMs < COUNT_EVERY_MS) return;
    countedMs = monotonicNow();
    await count();
  };

  return {
    nudge: () => wake(),
    async run(signal) {
      let lastProblem = '';
      while (!signal.aborted) {
        const nudged = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await turn(signal).then(
          () => {
            lastProblem = '';
          },
          (error: Error) => {
            if (!signal.aborted && error.message !== lastProblem)
              log.warn({ err: error }, 'policies could not be seen to');
            lastProblem = error.message;
          },
        );
        const waiting = new AbortController();
        const paused = delay(POLL_MS, undefined, { signal: AbortSignal.any([signal, waiting.signal]) });
        await Promise.race([nudged, paused.catch(() => undefined)]);
        waiting.abort();
      }
    },
  };
}

/**
 * What was handed to a broker that then went away is settled only when another connection comes, or never: nobody waits for
 * that, least of all a hub that stops.
 */
async function inTime(publishing: Promise<void>, signal: AbortSignal): Promise<void> {
  publishing.catch(() => undefined);
  const over = new AbortController();
  const patience = delay(TELL_PATIENCE_MS, undefined, { signal: AbortSignal.any([signal, over.signal]) }).then(() => {
    throw new Error('the broker does not take an announcement');
  });
  patience.catch(() => undefined);
  try {
    await Promise.race([publishing, patience]);
  } finally {
    over.abort();
  }
}

/** @param all also what the broker was given before */
function listAnnouncements(db: AccessDb, all: boolean): Promise<Announcement[]> {
  let select = db
    .selectFrom('dipper.agent_policy as policy')
    .innerJoin('dipper.credential_key as key', 'key.agent', 'policy.agent')
    .select(['policy.agent', 'policy.estate', 'policy.jws'])
    .orderBy('policy.agent');
  if (!all) select = select.where('policy.published_at', 'is', null);
  return select.execute();
}

function findAnnouncement(db: AccessDb, agent: string): Promise<Announcement | undefined> {
  return db
    .selectFrom('dipper.agent_policy')
    .select(['agent', 'estate', 'jws'])
    .where('agent', '=', agent)
    .executeTakeFirst();
}
