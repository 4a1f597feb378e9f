import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import type { AlarmService } from '../../services.ts';
import { createChangeSet } from '../change/change-set.ts';
import { holdGrouping } from '../incident/grouping-gate.ts';
import type { PlaceDirectory } from '../place/place-directory.ts';
import { findAlarms, insertAlarmTransition, listAlarms, listAlarmTransitions, lockAlarm } from './alarm.repository.ts';
import { clearAlarm } from './alarm-clearing.ts';
import { staleBefore } from './alarm-thresholds.ts';
import { createAlarmView } from './alarm-view.ts';

export interface AlarmServiceOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly places: PlaceDirectory;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

/** What people see of alarms, and what they do to them. */
export function createAlarmService({ db, rules, places, now, onCommit }: AlarmServiceOptions): AlarmService {
  const alarmFromRow = createAlarmView(rules.thresholds, now);
  const acknowledgeIn = async (tx: Tx, id: string, note: string | undefined, by: string): Promise<void> => {
    await holdGrouping(tx);
    const alarm = found(await lockAlarm(tx, id));
    if (alarm.acknowledged_at !== null) throw new DipperError('ALARM_ALREADY_ACKNOWLEDGED');
    const at = new Date(now());
    const changes = createChangeSet();
    await tx
      .updateTable('dipper.alarm')
      .set({ acknowledged_at: at, acknowledged_by: by })
      .where('id', '=', id)
      .execute();
    await insertAlarmTransition(tx, { alarm: id, what: 'acknowledged', at, by, note });
    changes.updated('alarm', id);
    if (rules.find(alarm.rule)?.rule.clear.byHand === true) {
      await clearAlarm({ tx, changes, now: at, rules, places }, alarm, at, by);
    }
    await changes.write(tx, at);
  };

  return {
    list: (query) =>
      translateUnavailable(async () =>
        pageFrom(
          query,
          await listAlarms(db, query, staleBefore(rules.thresholds, new Date(now()))),
          alarmFromRow,
          (row) => ({ at: row.raised_at, id: row.id }),
        ),
      ),
    findMany: (ids) => translateUnavailable(async () => (await findAlarms(db, ids.filter(isUuid))).map(alarmFromRow)),
    get: (id) => translateUnavailable(async () => alarmFromRow(found((await findAlarms(db, [id].filter(isUuid)))[0]))),
    history: (id) =>
      translateUnavailable(async () => {
        found((await findAlarms(db, [id].filter(isUuid)))[0]);
        return { transitions: await listAlarmTransitions(db, id) };
      }),
    acknowledge: (id, { note }, actor) =>
      translateUnavailable(async () => {
        if (!isUuid(id)) throw new DipperError('NOT_FOUND');
        await db.transaction().execute((tx) => acknowledgeIn(tx, id, note, actor.name));
        onCommit();
        return alarmFromRow(found((await findAlarms(db, [id]))[0]));
      }),
  };
}
