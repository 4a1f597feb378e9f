import type { Readable } from 'node:stream';
import { type AttachmentQuery, type CaseAttachment, MAX_ATTACHMENTS } from '@dipper/contract/api/case-attachment';
import { DipperError } from '@dipper/contract/errors';
import { isDatabaseUnavailable, translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { Actor } from '../../services.ts';
import { createChangeSet } from '../change/change-set.ts';
import type { CaseAttachmentRow } from './case.tables.ts';
import { attachmentFromRow } from './case-attachment.repository.ts';
import type { CaseMediaStore, KeptPicture } from './case-media-store.ts';
import { isEnded, mayComment } from './case-states.ts';
import { insertStep } from './case-step.repository.ts';
import { timeOf } from './case-step.ts';
import { findCases, findCasesOf, findDisplayNames, type HandledCaseRow } from './grid-case.repository.ts';

export interface CaseAttachmentService {
  /**
   * Adds a picture to a case that is open.
   * @throws DipperError NOT_FOUND, REQUEST_INVALID, FORBIDDEN, STEP_NOT_ALLOWED, ATTACHMENTS_FULL, IDEMPOTENCY_KEY_REUSED, and those of
   *   `CaseMediaStore.receive`
   */
  add(gridCase: string, body: Readable, query: AttachmentQuery, actor: Actor): Promise<CaseAttachment>;
  /** @throws DipperError NOT_FOUND, MEDIA_EXPIRED when its time is over, MEDIA_UNKNOWN when its file is lost */
  open(gridCase: string, id: string, actor: Actor): Promise<{ readonly view: CaseAttachment; readonly body: Readable }>;
  /** Removes what a crash left half way. */
  sweep(): Promise<void>;
}

export interface CaseAttachmentOptions {
  readonly db: Db;
  readonly store: CaseMediaStore;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

/** Pictures of cases: their rows here, their bytes in the media store. */
export function createCaseAttachmentService({
  db,
  store,
  now,
  onCommit,
}: CaseAttachmentOptions): CaseAttachmentService {
  const viewOf = async (row: CaseAttachmentRow): Promise<CaseAttachment> => ({
    ...attachmentFromRow(row),
    byName: (await findDisplayNames(db, [row.by])).get(row.by) ?? null,
  });
  const rowOf = async (gridCase: string, column: 'id' | 'key', value: string): Promise<CaseAttachmentRow | undefined> =>
    db
      .selectFrom('dipper.case_attachment')
      .selectAll()
      .where('grid_case', '=', gridCase)
      .where(column, '=', value)
      .executeTakeFirst();
  const sentBefore = async (gridCase: string, key: string | undefined, actor: Actor) => {
    const row = key === undefined ? undefined : await rowOf(gridCase, 'key', key);
    if (row !== undefined && row.by !== actor.name) throw new DipperError('IDEMPOTENCY_KEY_REUSED');
    return row;
  };
  return {
    add: (gridCase, body, query, actor) =>
      translateUnavailable(async () => {
        const [known] = await findCasesOf(db, [gridCase].filter(isUuid), actor);
        checkMayAdd(found(known), actor);
        if (query.takenAt !== undefined && Number.isNaN(Date.parse(query.takenAt))) {
          throw new DipperError('REQUEST_INVALID', { message: '/querystring/takenAt: is no point in time' });
        }
        const before = await sentBefore(gridCase, query.key, actor);
        if (before !== undefined) return viewOf(before);
        const picture = await store.receive(body);
        let row: CaseAttachmentRow;
        try {
          row = await db
            .transaction()
            .execute((tx) => insertAttachment(tx, gridCase, picture, query, actor, new Date(now())));
        } catch (error) {
          // A connection that broke at the commit does not tell whether there is a row: the sweep finds out.
          if (!isDatabaseUnavailable(error)) await store.remove(picture.id);
          // The same picture came twice at once, and the other one was faster.
          const other = await sentBefore(gridCase, query.key, actor);
          if (other !== undefined) return viewOf(other);
          throw error;
        }
        // From here on there is a row: whatever fails, its picture stays.
        onCommit();
        await store.settle(picture.id);
        return viewOf(row);
      }),
    open: (gridCase, id, actor) =>
      translateUnavailable(async () => {
        if (!isUuid(gridCase) || !isUuid(id)) throw new DipperError('NOT_FOUND');
        found((await findCasesOf(db, [gridCase], actor))[0]);
        const row = await rowOf(gridCase, 'id', id);
        if (row === undefined)
          throw new DipperError((await wasAttached(db, gridCase, id)) ? 'MEDIA_EXPIRED' : 'NOT_FOUND');
        const body = await store.read(row.id);
        if (body === undefined) throw new DipperError('MEDIA_UNKNOWN');
        return { view: await viewOf(row), body };
      }),
    sweep: () =>
      store.sweep(now(), async (id) => {
        if (!isUuid(id)) return false;
        const row = await db.selectFrom('dipper.case_attachment').select('id').where('id', '=', id).executeTakeFirst();
        return row !== undefined;
      }),
  };
}

/** Whether there was such a picture: its step tells of it when it is gone. */
async function wasAttached(db: Db, gridCase: string, id: string): Promise<boolean> {
  const step = await db
    .selectFrom('dipper.case_step')
    .select('id')
    .where('grid_case', '=', gridCase)
    .where('attachment', '=', id)
    .executeTakeFirst();
  return step !== undefined;
}

function checkMayAdd(row: HandledCaseRow, actor: Actor): void {
  if (!mayComment(row, actor)) throw new DipperError('FORBIDDEN');
  if (isEnded(row.state)) throw new DipperError('STEP_NOT_ALLOWED', { detail: { action: 'attach', state: row.state } });
}

async function insertAttachment(
  tx: Tx,
  gridCase: string,
  picture: KeptPicture,
  { key, location, takenAt }: AttachmentQuery,
  actor: Actor,
  at: Date,
): Promise<CaseAttachmentRow> {
  await tx.selectFrom('dipper.grid_case').select('id').where('id', '=', gridCase).forUpdate().execute();
  const row = found((await findCases(tx, [gridCase]))[0]);
  checkMayAdd(row, actor);
  const { count } = await tx
    .selectFrom('dipper.case_attachment')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('grid_case', '=', gridCase)
    .executeTakeFirstOrThrow();
  if (Number(count) >= MAX_ATTACHMENTS) throw new DipperError('ATTACHMENTS_FULL');
  const wanted = location === 'keep' ? picture.location : undefined;
  const inserted = await tx
    .insertInto('dipper.case_attachment')
    .values({
      id: picture.id,
      grid_case: gridCase,
      mime: picture.mime,
      bytes: picture.bytes,
      width_px: picture.widthPx,
      height_px: picture.heightPx,
      sha256: picture.sha256,
      latitude_deg: wanted?.latitudeDeg ?? null,
      longitude_deg: wanted?.longitudeDeg ?? null,
      by: actor.name,
      at,
      key: key ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const time = await timeOf(tx, row, takenAt, at);
  await insertStep(tx, row, {
    ...{ action: 'attach', by: actor.name, at, attachment: picture.id },
    ...{ taken_at: time.at, clamped: time.clamped },
  });
  const changes = createChangeSet();
  changes.updated('case', gridCase);
  await changes.write(tx, at);
  return inserted;
}
