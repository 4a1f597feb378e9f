import type { GridCase } from '@dipper/contract/api/case';
import { Link } from 'react-router-dom';
import { PriorityMark } from '../alarms/priority-mark.tsx';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './case-cards.module.css';
import { CaseStateTag } from './case-state-tag.tsx';
import { DeadlineMark } from './deadline-mark.tsx';

/** The list of a grid worker: one thumb, one case at a time. */
export function CaseCards({ cases }: { readonly cases: readonly GridCase[] }) {
  const localText = useLocalText();
  const places = usePlaces();
  return (
    <ol className={styles.cards}>
      {cases.map((gridCase) => (
        <li key={gridCase.id}>
          <Link className={styles.card} to={`/cases/${gridCase.id}`}>
            <span className={styles.row}>
              <PriorityMark priority={gridCase.priority} />
              <CaseStateTag state={gridCase.state} />
            </span>
            <span className={styles.title}>{localText(gridCase.title)}</span>
            <span className={styles.where}>{places.whereOf(gridCase)}</span>
            <span className={styles.row}>
              <DeadlineMark gridCase={gridCase} />
              <span className={styles.number}>{gridCase.number}</span>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
