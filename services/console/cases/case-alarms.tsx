import type { Alarm } from '@dipper/contract/api/alarm';
import { useQueries } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AlarmFact } from '../alarms/alarm-facts.tsx';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { CaptureDialog } from '../captures/capture-dialog.tsx';
import { Loading } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import styles from './case-alarms.module.css';
import page from './case-page.module.css';

/** A flood of alarms in one case tells no more than its first ones. */
const MAX_SHOWN = 10;

/** The alarms that led to a case, each with the way to its captured picture. */
export function CaseAlarms({ ids }: { readonly ids: readonly string[] }) {
  const { t } = useTranslation(['cases', 'alarms']);
  const { client } = useHub();
  const mayViewCapture = useAllowed('viewCapture');
  const [viewed, setViewed] = useState<Alarm>();
  const answers = useQueries({
    queries: ids.slice(0, MAX_SHOWN).map((id) => ({
      queryKey: keys.alarm(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => client.get<Alarm>(`/api/v1/alarms/${id}`, signal),
    })),
  });
  const alarms = answers.flatMap(({ data }) => data ?? []);
  return (
    <section className={page.panel} aria-labelledby="alarms-title">
      <h2 id="alarms-title">{t('cases:relatedAlarms')}</h2>
      {ids.length === 0 && <p className={page.quiet}>{t('cases:noAlarms')}</p>}
      {answers.some(({ isPending }) => isPending) && <Loading rows={2} />}
      <ul className={styles.alarms}>
        {alarms.map((alarm) => (
          <li key={alarm.id} className={styles.alarm}>
            <AlarmFact alarm={alarm} hasTitle />
            {alarm.media !== null && mayViewCapture && (
              <Button onClick={() => setViewed(alarm)}>{t('alarms:capture')}</Button>
            )}
          </li>
        ))}
      </ul>
      {viewed !== undefined && <CaptureDialog alarm={viewed} onClose={() => setViewed(undefined)} />}
    </section>
  );
}
