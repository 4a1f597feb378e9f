import { rm } from 'node:fs/promises';
import type { DataClassName } from '@dipper/contract/api/retention';
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { DataClass, Removal } from '../../retention/data-class.ts';
import { keptPictureFile } from './kept-picture.ts';

/** Cases, or pictures, in one transaction. */
const PER_SLICE = 100;
/** Stands in the title of what people had given a title of their own. */
const GONE_TITLE = { zh: '（内容已到期删除）', en: '(deleted at the end of its time)' };
/** Titles of the others were made of rules and categories. */
const TITLED_BY_PEOPLE = ['patrol', 'hotline', 'letter', 'visit'];

/**
 * What is kept of cases, each by the time since a case ended: pictures, what people wrote, the record. A case that is open,
 * or was merged into one that is, loses nothing.
 *
 * @param mediaDir folder of the pictures
 */
export function createCaseRetention(mediaDir: string): readonly DataClass[] {
  return [
    {
      name: 'case-picture',
      findOldest: (tx) => findOldest(tx, sql`exists (select from dipper.case_attachment p where p.grid_case = c.id)`),
      measureBytes: (tx) => measure(tx, sql`select sum(bytes) as bytes from dipper.case_attachment`),
      removeNext: (tx, before) => removePictures(tx, before, mediaDir),
    },
    {
      name: 'case-text',
      findOldest: (tx) => findOldest(tx, sql`c.has_words`),
      measureBytes: (tx) =>
        measure(
          tx,
          sql`select (select sum(octet_length(concat(title_zh, text))) from dipper.grid_case)
                     + (select sum(octet_length(note)) from dipper.case_step) as bytes`,
        ),
      removeNext: removeWords,
    },
    {
      name: 'case',
      findOldest: (tx) => findOldest(tx, sql`true`),
      measureBytes: (tx) =>
        measure(
          tx,
          sql`select pg_total_relation_size('dipper.grid_case') + pg_total_relation_size('dipper.case_step') as bytes`,
        ),
      removeNext: removeRecords,
    },
  ] satisfies readonly (DataClass & { readonly name: DataClassName })[];
}

interface EndedCase {
  readonly id: string;
  readonly ended: Date;
}

/** Takes cases that ended before an instant, those that ended first before the others. Nobody can reopen them meanwhile. */
async function takeEnded(tx: Tx, before: Date, condition: RawBuilder<unknown>): Promise<readonly EndedCase[]> {
  const { rows } = await sql<EndedCase>`
    select c.id, dipper.case_ended_at(c.id) as ended from dipper.grid_case c
     where c.closed_at < ${before} and ${condition} and dipper.case_ended_at(c.id) < ${before}
     order by c.closed_at, c.id limit ${PER_SLICE} for update of c skip locked`.execute(tx);
  return rows;
}

/**
 * Files first, and the proof with the rows: where there is a proof, there is no file. A hub that dies in between does the
 * same again. The lock waits for backups that are being made of them.
 */
async function removePictures(tx: Tx, before: Date, mediaDir: string): Promise<readonly Removal[] | undefined> {
  const isOf = sql`exists (select from dipper.case_attachment p where p.grid_case = c.id)`;
  if ((await takeEnded(tx, before, isOf)).length === 0) return undefined;
  await sql`set local lock_timeout = '3s'`.execute(tx);
  await sql`lock table dipper.case_attachment in exclusive mode`.execute(tx);
  const cases = (await takeEnded(tx, before, isOf)).map(({ id }) => id);
  const { rows } = await sql<{ id: string; at: Date }>`
    select id, at from dipper.case_attachment where grid_case = any(${cases}::uuid[]) order by id limit ${PER_SLICE}`.execute(
    tx,
  );
  for (const { id } of rows) await rm(keptPictureFile(mediaDir, id), { force: true });
  const ids = rows.map(({ id }) => id);
  await sql`delete from dipper.case_attachment where id = any(${ids}::uuid[])`.execute(tx);
  return [await proofOf(tx, 'dipper.case_attachment', ids, spanOf(rows.map(({ at }) => at)))];
}

async function removeWords(tx: Tx, before: Date): Promise<readonly Removal[] | undefined> {
  const ended = await takeEnded(tx, before, sql`c.has_words`);
  if (ended.length === 0) return undefined;
  const ids = ended.map(({ id }) => id);
  await sql`
    update dipper.grid_case set has_words = false, text = null, request = null,
           title_zh = case when source = any(${TITLED_BY_PEOPLE}::text[]) then ${GONE_TITLE.zh} else title_zh end,
           title_en = case when source = any(${TITLED_BY_PEOPLE}::text[]) then ${GONE_TITLE.en} else title_en end
     where id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update dipper.case_step set note = null where grid_case = any(${ids}::uuid[]) and note is not null`.execute(tx);
  return [await proofOf(tx, 'dipper.case_words', ids, spanOf(ended.map((each) => each.ended)))];
}

/** The record with its steps; those that were merged into a case go before it. */
async function removeRecords(tx: Tx, before: Date): Promise<readonly Removal[] | undefined> {
  const ended = await takeEnded(
    tx,
    before,
    sql`not exists (select from dipper.grid_case merged where merged.merged_into = c.id)
        and not exists (select from dipper.case_attachment p where p.grid_case = c.id)`,
  );
  if (ended.length === 0) return undefined;
  const ids = ended.map(({ id }) => id);
  await sql`
    insert into dipper.case_past_step
    select gone.as_case, ordinal, at, action, request, rating, to_state, deadline_at, estate, place, grid, platform
      from dipper.case_figure_step step
      join (select id, gen_random_uuid() as as_case from unnest(${ids}::uuid[]) id) gone on gone.id = step.grid_case`.execute(
    tx,
  );
  const steps = await sql<{ id: string; at: Date }>`
    delete from dipper.case_step where grid_case = any(${ids}::uuid[]) returning id, at`.execute(tx);
  await sql`delete from dipper.case_timer where grid_case = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from dipper.grid_case where id = any(${ids}::uuid[])`.execute(tx);
  const stepIds = steps.rows.map(({ id }) => id);
  return [
    await proofOf(tx, 'dipper.grid_case', ids, spanOf(ended.map((each) => each.ended))),
    await proofOf(tx, 'dipper.case_step', stepIds, spanOf(steps.rows.map(({ at }) => at))),
  ];
}

function spanOf(times: readonly Date[]): { readonly from: Date; readonly until: Date } {
  const sorted = times.map((at) => at.getTime()).sort((a, b) => a - b);
  return { from: new Date(sorted[0] ?? 0), until: new Date(sorted.at(-1) ?? 0) };
}

async function proofOf(
  tx: Tx,
  subject: string,
  ids: readonly string[],
  span: { readonly from: Date; readonly until: Date },
): Promise<Removal> {
  const { rows } = await sql<{ sha256: Buffer }>`
    select sha256(string_agg(uuid_send(id), ''::bytea order by id)) as sha256
      from unnest(${ids}::uuid[]) id`.execute(tx);
  return { subject, ...span, rows: ids.length, sha256: rows[0]?.sha256 ?? Buffer.alloc(32) };
}

async function findOldest(tx: Tx, condition: RawBuilder<unknown>): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    select c.closed_at as at from dipper.grid_case c
     where c.closed_at is not null and ${condition} order by c.closed_at limit 1`.execute(tx);
  return rows[0]?.at;
}

async function measure(tx: Tx, select: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ bytes: string | null }>`${select}`.execute(tx);
  return Number(rows[0]?.bytes ?? 0);
}
