import { randomUUID } from 'node:crypto';
import type { HandoverNote, NewHandoverNote } from '@dipper/contract/api/handover';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import { withinScope } from '../../scope/scope.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import { displayNameOf } from '../alarm/display-name.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { HandoverNoteRow } from './handover.tables.ts';

/** What one shift leaves for the next to know. Notes are not changed: a correction is another note. */
export interface HandoverService {
  list(query: PageQuery & Omit<LocationFilter, 'place'>, actor: Actor): Promise<Page<HandoverNote>>;
  write(note: NewHandoverNote, actor: Actor): Promise<HandoverNote>;
}

type NamedRow = HandoverNoteRow & { readonly written_by_name: string | null };

export function createHandoverService(db: Db, now: () => number): HandoverService {
  const selectNotes = () =>
    db.selectFrom('dipper.handover_note').selectAll().select(displayNameOf('written_by').as('written_by_name'));
  return {
    list: (query) =>
      translateUnavailable(async () => {
        let select = selectNotes().orderBy('written_at', 'desc').orderBy('id', 'desc').limit(rowLimitOf(query));
        const { estate } = query;
        if (estate !== undefined) {
          select = select.where(({ or, eb }) => or([eb('estate', 'is', null), eb('estate', '=', estate)]));
        }
        const { within } = query;
        if (within !== undefined) {
          // What is left for all is for all.
          select = select.where(({ or, eb }) =>
            or([eb('estate', 'is', null), withinScope(within, { estate: 'estate' })]),
          );
        }
        const after = timeCursorOf(query);
        if (after !== undefined) {
          select = select.where(sql<boolean>`(written_at, id) < (${after.at}, ${after.id}::uuid)`);
        }
        return pageFrom(query, await select.execute(), noteFromRow, (row) => ({ at: row.written_at, id: row.id }));
      }),
    write: ({ text, estate }, actor) =>
      translateUnavailable(async () => {
        const id = randomUUID();
        await db.transaction().execute(async (tx) => {
          await tx
            .insertInto('dipper.handover_note')
            .values({
              id,
              estate: estate ?? null,
              text: text.trim(),
              written_at: new Date(now()),
              written_by: actor.name,
            })
            .execute();
          await noteCarriedOut(tx);
        });
        return noteFromRow(found(await selectNotes().where('id', '=', id).executeTakeFirst()));
      }),
  };
}

function noteFromRow(row: NamedRow): HandoverNote {
  return {
    id: row.id,
    estate: row.estate,
    text: row.text,
    writtenAt: row.written_at.toISOString(),
    writtenBy: row.written_by,
    writtenByName: row.written_by_name,
  };
}
