import { randomUUID } from 'node:crypto';
import type { ImpactAssessmentView, NewImpactAssessment } from '@dipper/contract/api/face-consent';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { withinScope } from '../../scope/scope.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import { invalidField } from '../case/invalid-field.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { ConsentDb, ConsentServiceOptions } from './consent.service.ts';
import type { AssessmentRow } from './consent.tables.ts';

type By = Pick<Actor, 'name'>;

/** Impact assessments on file: without a current one nobody is recognised in the estate. */
export interface AssessmentService {
  /** Newest first. */
  list(query: PageQuery & Omit<LocationFilter, 'place'>): Promise<Page<ImpactAssessmentView>>;
  get(id: string): Promise<ImpactAssessmentView>;
  /** @throws DipperError REQUEST_INVALID */
  file(asked: NewImpactAssessment, by: By): Promise<ImpactAssessmentView>;
  /** Recognition stops where it was the last current one. @throws DipperError NOT_FOUND, ALREADY_ENDED */
  end(id: string, by: By): Promise<ImpactAssessmentView>;
}

export function createAssessmentService(
  options: Pick<ConsentServiceOptions, 'db' | 'onChange' | 'now'>,
): AssessmentService {
  const { db, now } = options;
  const changeAccess = createChangeAccess(options);
  const find = async (source: ConsentDb, id: string): Promise<AssessmentRow> => {
    const select = source.selectFrom('dipper.impact_assessment').selectAll().where('id', '=', id);
    return found(isUuid(id) ? await select.executeTakeFirst() : undefined);
  };
  return {
    list: (query) =>
      translateUnavailable(() =>
        pageByOrdinal(
          query,
          (behind, limit) => {
            let select = db.selectFrom('dipper.impact_assessment').selectAll().orderBy('ordinal', 'desc').limit(limit);
            if (behind !== undefined) select = select.where('ordinal', '<', behind);
            if (query.within !== undefined) select = select.where(withinScope(query.within, { estate: 'estate' }));
            if (query.estate !== undefined) select = select.where('estate', '=', query.estate);
            return select.execute();
          },
          ({ ordinal }) => ordinal,
          assessmentFromRow,
        ),
      ),
    get: (id) => translateUnavailable(async () => assessmentFromRow(await find(db, id))),
    file: ({ estate, title, document, validUntil }, by) =>
      changeAccess(async (tx, follow) => {
        const at = new Date(now());
        if (Date.parse(validUntil) <= at.getTime()) throw invalidField('validUntil', 'lies in the past');
        await refuseUnknownEstate(tx, estate);
        const inserted = await tx
          .insertInto('dipper.impact_assessment')
          .values({
            ...{ id: randomUUID(), estate, title, document, valid_until: new Date(validUntil) },
            ...{ filed_at: at, filed_by: by.name },
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await follow(estate);
        return assessmentFromRow(inserted);
      }),
    end: (id, by) =>
      changeAccess(async (tx, follow) => {
        await find(tx, id);
        const ended = await tx
          .updateTable('dipper.impact_assessment')
          .set({ ended_at: new Date(now()), ended_by: by.name })
          .where('id', '=', id)
          .where('ended_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (ended === undefined) throw new DipperError('ALREADY_ENDED');
        await follow(ended.estate);
        return assessmentFromRow(ended);
      }),
  };
}

function assessmentFromRow(row: AssessmentRow): ImpactAssessmentView {
  return {
    ...{ id: row.id, estate: row.estate, title: row.title, document: row.document },
    ...{ validUntil: row.valid_until.toISOString(), filedAt: row.filed_at.toISOString(), filedBy: row.filed_by },
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}
