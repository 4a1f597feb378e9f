import type { Alarm } from '@dipper/contract/api/alarm';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../devices/use-devices.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import { useNow } from '../time/use-now.ts';
import { useTimeFormats } from '../time/use-time.ts';
import styles from './alarm-facts.module.css';
import { AlarmStateTags } from './alarm-state-tags.tsx';
import { PriorityMark } from './priority-mark.tsx';
import type { QueueLine } from './queue-line.ts';

/** The alarms of one happening, each with where it stands. */
export function AlarmFacts({ line }: { readonly line: QueueLine }) {
  const { t } = useTranslation('alarms');
  return (
    <div className={styles.facts}>
      {line.alarms.length > 1 && <h3 className={styles.title}>{t('together')}</h3>}
      <ul className={styles.list}>
        {line.alarms.map((alarm) => (
          <li key={alarm.id} className={styles.alarm}>
            <AlarmFact alarm={alarm} hasTitle={line.alarms.length > 1} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** One alarm in words. */
export function AlarmFact({ alarm, hasTitle }: { readonly alarm: Alarm; readonly hasTitle: boolean }) {
  const { t } = useTranslation('alarms');
  const localText = useLocalText();
  const { data: devices } = useDevices();
  const device = devices?.find(({ id }) => id === alarm.device);
  return (
    <>
      {hasTitle && (
        <p className={styles.alarmTitle}>
          <PriorityMark priority={alarm.priority} isShort /> {localText(alarm.title)}
        </p>
      )}
      <p className={styles.tags}>
        <AlarmStateTags
          isActive={alarm.active}
          isAcknowledged={alarm.acknowledged}
          isLate={alarm.late}
          occurrences={alarm.occurrences}
          suppressed={alarm.suppressed}
          isSafetyCritical={alarm.safetyCritical}
          isChattering={alarm.chattering}
          isStale={alarm.stale}
        />
      </p>
      <dl className={styles.terms}>
        <Term name={t('raised')}>
          <Moment at={alarm.raisedAt} />
        </Term>
        {alarm.occurrences > 1 && (
          <Term name={t('last')}>
            <Moment at={alarm.lastOccurredAt} />
          </Term>
        )}
        {alarm.clearedAt !== null && (
          <Term name={t('clearedAt')}>
            <Moment at={alarm.clearedAt} />
          </Term>
        )}
        <Term name={device === undefined ? t('agent') : t('source')}>
          {device === undefined ? (alarm.device ?? alarm.agent) : localText(device.name)}
        </Term>
      </dl>
      {alarm.acknowledgedAt !== null && (
        <AcknowledgedBy name={alarm.acknowledgedByName ?? alarm.acknowledgedBy ?? ''} at={alarm.acknowledgedAt} />
      )}
    </>
  );
}

function Term({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function AcknowledgedBy({ name, at }: { readonly name: string; readonly at: string }) {
  const { t } = useTranslation('alarms');
  const nowMs = useNow(60_000);
  const formats = useTimeFormats();
  return <p className={styles.by}>{t('acknowledgedBy', { name, time: formats.full(Date.parse(at), nowMs) })}</p>;
}
