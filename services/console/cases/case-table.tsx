import type { GridCase } from '@dipper/contract/api/case';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { PriorityMark } from '../alarms/priority-mark.tsx';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import { CaseStateTag } from './case-state-tag.tsx';
import styles from './case-table.module.css';
import { DeadlineMark } from './deadline-mark.tsx';

/** The list of a dispatcher: many cases at a glance. */
export function CaseTable({ cases }: { readonly cases: readonly GridCase[] }) {
  const { t } = useTranslation('cases');
  const localText = useLocalText();
  const places = usePlaces();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('priority')}</th>
          <th scope="col">{t('name')}</th>
          <th scope="col">{t('place')}</th>
          <th scope="col">{t('stateLabel')}</th>
          <th scope="col">{t('assignee')}</th>
          <th scope="col">{t('deadline')}</th>
          <th scope="col">{t('openedAt')}</th>
        </tr>
      </thead>
      <tbody>
        {cases.map((gridCase) => (
          <tr key={gridCase.id}>
            <td>
              <PriorityMark priority={gridCase.priority} />
            </td>
            <td>
              <Link className={styles.link} to={`/cases/${gridCase.id}`}>
                {localText(gridCase.title)}
              </Link>
              <span className={styles.number}>{gridCase.number}</span>
            </td>
            <td>{places.whereOf(gridCase)}</td>
            <td>
              <CaseStateTag state={gridCase.state} />
            </td>
            <td className={gridCase.assignee === null ? styles.nobody : ''}>
              {gridCase.assigneeName ?? gridCase.assignee ?? t('nobody')}
            </td>
            <td>
              <DeadlineMark gridCase={gridCase} />
            </td>
            <td className={styles.time}>
              <Moment at={gridCase.openedAt} as="absolute" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
