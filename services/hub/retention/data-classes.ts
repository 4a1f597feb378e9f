import { CHUNKED_CLASSES, type DataClassName } from '@dipper/contract/api/retention';
import { RETENTION_CLASSES, type RetentionClass } from '@dipper/contract/events';
import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import { ALARM_RETENTION } from '../domains/alarm/alarm-retention.ts';
import { ASSESSMENT_RETENTION, CONSENT_RETENTION } from '../domains/consent/consent-retention.ts';
import { HOLDER_RETENTION } from '../domains/holder/holder-retention.ts';
import { compressChunk, dropChunks, findOldestChunk, lockChunk, measureTable } from './chunks.ts';
import type { DataClass, Removal, RowSource } from './data-class.ts';
import { proveCounts, proveRows, removeCounts, removeRows } from './removal.ts';

const DAY_MS = 24 * 3_600_000;

type ChunkedClass = (typeof CHUNKED_CLASSES)[number];

/** Tables of the chunked classes; names of SQL have no hyphens. */
const CHUNKED: Readonly<Record<ChunkedClass, RowSource>> = {
  face: { table: 'dipper.event_face', timeColumn: 'occurred_at', idType: 'uuid' },
  passage: { table: 'dipper.event_passage', timeColumn: 'occurred_at', idType: 'uuid' },
  device: { table: 'dipper.event_device', timeColumn: 'occurred_at', idType: 'uuid' },
  scene: { table: 'dipper.event_scene', timeColumn: 'occurred_at', idType: 'uuid' },
  'device-sample': { table: 'dipper.device_sample', timeColumn: 'at', idType: 'uuid' },
};
const AUDIT: RowSource = { table: 'dipper.audit', timeColumn: 'at', idType: 'bigint' };
const DEAD_LETTER: RowSource = { table: 'dipper.dead_letter', timeColumn: 'last_at', idType: 'bigint' };
const RULE_FAILURE: RowSource = { table: 'dipper.rule_failure', timeColumn: 'occurred_at', idType: 'bigint' };
/** The last that was told of a key stays while an alarm lasts that it raised, or time alone may still raise one. */
const RULE_FACT: RowSource = {
  table: 'dipper.rule_fact',
  timeColumn: 'at',
  idType: 'bigint',
  isOver: sql`
    exists (select from dipper.rule_fact later
             where (later.rule, later.key, later.kind) = (rule_fact.rule, rule_fact.key, rule_fact.kind)
               and later.at > rule_fact.at)
    or not (exists (select from dipper.rule_timer timer
                     where (timer.rule, timer.key) = (rule_fact.rule, rule_fact.key))
            or exists (select from dipper.alarm
                        where (alarm.rule, alarm.key) = (rule_fact.rule, rule_fact.key) and alarm.active))`,
};
/** What nobody has answered yet is still to be asked. */
const RESEND: RowSource = {
  table: 'dipper.resend',
  timeColumn: 'requested_at',
  idType: 'uuid',
  isOver: sql`resend.outcome is not null`,
};

const DEVICE_COMMAND: RowSource = { table: 'dipper.device_command', timeColumn: 'requested_at', idType: 'uuid' };
const RECORDING_EXPORT: RowSource = { table: 'dipper.recording_export', timeColumn: 'requested_at', idType: 'uuid' };

/** The counts that are made of a class, and go with it: how many persons there were is about persons. */
export function countsOf(name: RetentionClass): string {
  return `dipper.event_count_${name}`;
}

/**
 * Every class of data. Audit rows are removed only by what can keep their chain provable; without it they stay.
 * @param cases classes of what is kept of cases
 * @param isTimescale whether chunks are there to be compressed and dropped
 */
export function createDataClasses(
  isTimescale: boolean,
  audit: DataClass | undefined,
  cases: readonly DataClass[],
): readonly DataClass[] {
  return [
    ...CHUNKED_CLASSES.map((name) => chunkedClass(name, isTimescale)),
    audit ?? { ...plainClass('audit', AUDIT), removeNext: async () => undefined },
    plainClass('dead-letter', DEAD_LETTER),
    plainClass('rule-failure', RULE_FAILURE),
    plainClass('rule-fact', RULE_FACT),
    plainClass('resend', RESEND),
    plainClass('device-command', DEVICE_COMMAND),
    plainClass('recording-export', RECORDING_EXPORT),
    // Whoever consented goes after the proof of it.
    CONSENT_RETENTION,
    ASSESSMENT_RETENTION,
    HOLDER_RETENTION,
    ALARM_RETENTION,
    ...cases,
  ];
}

function plainClass(name: DataClassName, source: RowSource): DataClass {
  return {
    name,
    findOldest: (tx) => findOldest(tx, source),
    measureBytes: (tx) => measureTable(tx, source.table, false),
    async removeNext(tx, before) {
      const removal = await removeRows(tx, source, before);
      return removal === undefined ? undefined : [removal];
    },
  };
}

function chunkedClass(name: ChunkedClass, isTimescale: boolean): DataClass {
  const source = CHUNKED[name];
  const counts = isEventClass(name) ? countsOf(name) : undefined;
  const common = {
    name,
    findOldest: (tx: Tx) => findOldest(tx, source),
    measureBytes: (tx: Tx) => measureTable(tx, source.table, isTimescale),
  };
  if (!isTimescale) return { ...common, removeNext: (tx, before) => removeSlice(tx, source, counts, wholeDay(before)) };
  return {
    ...common,
    removeNext: (tx, before) => removeChunk(tx, source, counts, wholeDay(before)),
    async compressNext(tx, before) {
      const chunk = await findOldestChunk(tx, source.table, before, 'uncompressed');
      if (chunk !== undefined) await compressChunk(tx, chunk);
      return chunk !== undefined;
    },
  };
}

/** Rows and counts of a day go in one transaction, which leaves its proofs or nothing at all. */
async function removeChunk(
  tx: Tx,
  source: RowSource,
  counts: string | undefined,
  before: Date,
): Promise<Removal[] | undefined> {
  const chunk = await findOldestChunk(tx, source.table, before);
  if (chunk === undefined) return undefined;
  await lockChunk(tx, chunk);
  const removals = [await proveRows(tx, source, chunk.from, chunk.until)];
  await dropChunks(tx, source.table, chunk.from, chunk.until);
  if (counts !== undefined) {
    removals.push(await proveCounts(tx, counts, chunk.from, chunk.until));
    await dropChunks(tx, counts, chunk.from, chunk.until);
  }
  return removals.filter((removal) => removal !== undefined);
}

async function removeSlice(
  tx: Tx,
  source: RowSource,
  counts: string | undefined,
  before: Date,
): Promise<Removal[] | undefined> {
  const removal =
    (await removeRows(tx, source, before)) ??
    (counts === undefined ? undefined : await removeCounts(tx, counts, before));
  return removal === undefined ? undefined : [removal];
}

async function findOldest(tx: Tx, { table, timeColumn }: RowSource): Promise<Date | undefined> {
  const time = sql.ref(timeColumn);
  const { rows } = await sql<{ at: Date }>`
    select ${time} as at from ${sql.table(table)} order by ${time} limit 1`.execute(tx);
  return rows[0]?.at;
}

function isEventClass(name: DataClassName): name is RetentionClass {
  return RETENTION_CLASSES.some((known) => known === name);
}

function wholeDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}
